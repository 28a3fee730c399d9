import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { GROUP } from "../../../src/api/v1alpha1/group.ts";
import { filesAt } from "../arguments/files.ts";
import type { Context } from "../commands/command.ts";
import { invalidFile, type PluginError, usage } from "../errors.ts";
import { validatePolicies } from "./validate.ts";

/** `kubectl qos policy validate`: asks no cluster. */
export async function runValidate(
	{ files }: { readonly files: readonly string[] },
	{ terminal }: Context,
): Promise<void> {
	const failures: PluginError[] = [];
	const found = files.flatMap(filesAt);
	if (found.length === 0) throw usage(`no .yaml, .yml or .json file is in ${files.join(", ")}`);
	for (const file of found) {
		const name = file === "-" ? "<stdin>" : file;
		const { valid, problems } = validatePolicies(await read(file));
		for (const policy of valid) terminal.write(`${name}: qospolicy.${GROUP}/${policy} is valid\n`);
		for (const { line, path, message } of problems) {
			failures.push(invalidFile(`${name}:${line}: ${path === "" ? "" : `${path}: `}${message}`));
		}
	}
	if (failures.length > 0) throw new AggregateError(failures);
}

async function read(file: string): Promise<string> {
	if (file === "-") return text(process.stdin);
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		throw usage(`the path "${file}" cannot be read (${String(code)})`);
	}
}
