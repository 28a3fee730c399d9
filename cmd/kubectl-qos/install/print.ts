import { printValue, qualifiedName } from "../output/print.ts";
import type { Terminal } from "../terminal.ts";
import type { Manifest } from "./render.ts";

/** Prints manifests as kubectl can apply them; without a format, their names. */
export async function printManifests(
	terminal: Terminal,
	manifests: readonly Manifest[],
	{ output }: { readonly output: "json" | "yaml" | "name" | undefined },
): Promise<void> {
	if (output === "json") return printValue(terminal, { apiVersion: "v1", kind: "List", items: manifests }, "json");
	for (const [index, manifest] of manifests.entries()) {
		if (output !== "yaml") terminal.write(`${qualifiedName(manifest)}${output === "name" ? "" : " (dry run)"}\n`);
		else {
			if (index > 0) terminal.write("---\n");
			await printValue(terminal, manifest, "yaml");
		}
	}
}
