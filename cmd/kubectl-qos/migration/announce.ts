import { API_VERSION } from "../../../src/api/v1alpha1/group.ts";
import { dryRunSuffix } from "../arguments/dry-run.ts";
import type { MigrateOptions } from "../commands/migrate.ts";
import { type PrintableObject, printValue, qualifiedName, readable } from "../output/print.ts";
import type { Terminal } from "../terminal.ts";

/** Prints a QoSMigration as `-o` wants it, or one line that says what was done with it. */
export async function announce(
	terminal: Terminal,
	object: object,
	{ output, dryRun }: Pick<MigrateOptions, "output" | "dryRun">,
	done = "created",
): Promise<void> {
	const typed = { apiVersion: API_VERSION, kind: "QoSMigration", ...object };
	if (output === "json" || output === "yaml") return printValue(terminal, readable(typed), output);
	const printable: PrintableObject = typed;
	const metadata: { name?: string | undefined; generateName?: string | undefined } = printable.metadata ?? {};
	const name = qualifiedName({ ...printable, metadata: { name: metadata.name ?? metadata.generateName } });
	terminal.write(output === "name" ? `${name}\n` : `${name} ${done}${dryRunSuffix(dryRun)}\n`);
}
