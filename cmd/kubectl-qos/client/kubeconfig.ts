import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { parse } from "yaml";
import type { z } from "zod";
import { badKubeconfig } from "../errors.ts";
import { fileSchema } from "./kubeconfig-schema.ts";

export interface Entry {
	readonly value: unknown;
	/** Folder of the file it came from; relative paths start there. */
	readonly folder: string;
}

/** Several kubeconfig files as one: of entries with one name the first wins, and so does the first current-context. */
export interface Kubeconfig {
	readonly clusters: ReadonlyMap<string, Entry>;
	readonly users: ReadonlyMap<string, Entry>;
	readonly contexts: ReadonlyMap<string, Entry>;
	readonly currentContext: string | undefined;
	/** The files that were looked for. */
	readonly files: readonly string[];
}

/** Where kubectl looks: `--kubeconfig`, else the files of KUBECONFIG, else ~/.kube/config. */
export function kubeconfigFiles(
	flag: string | undefined,
	environment: Readonly<Record<string, string | undefined>>,
): { readonly files: readonly string[]; readonly mustExist: boolean } {
	if (flag !== undefined) return { files: [flag], mustExist: true };
	const variable = environment["KUBECONFIG"] ?? "";
	if (variable !== "") {
		const listed = variable.split(delimiter).filter((file) => file !== "");
		return { files: [...new Set(listed)], mustExist: false };
	}
	const home = environment["HOME"] ?? environment["USERPROFILE"];
	return { files: home === undefined ? [] : [join(home, ".kube", "config")], mustExist: false };
}

/** Reads and merges kubeconfig files. @throws PluginError Kubeconfig */
export function loadKubeconfig(files: readonly string[], mustExist: boolean): Kubeconfig {
	const contents = files.flatMap((file) => {
		const text = read(file, mustExist);
		return text === undefined ? [] : [{ file, content: parseKubeconfig(text, file) }];
	});
	return { ...mergeKubeconfigs(contents), files };
}

type KubeconfigFile = z.output<typeof fileSchema>;

/** Merges what files hold, in the order in which they are named. */
export function mergeKubeconfigs(
	contents: readonly { readonly file: string; readonly content: KubeconfigFile }[],
): Kubeconfig {
	const merged = {
		clusters: new Map<string, Entry>(),
		users: new Map<string, Entry>(),
		contexts: new Map<string, Entry>(),
	};
	let currentContext: string | undefined;
	for (const { file, content } of contents) {
		for (const part of ["clusters", "users", "contexts"] as const) {
			addMissing(merged[part], content[part] ?? [], { field: part.slice(0, -1), folder: dirname(file) });
		}
		currentContext ??= content["current-context"];
	}
	return { ...merged, currentContext, files: contents.map(({ file }) => file) };
}

/** Within one file the last entry of a name wins, between files the first file, as kubectl decodes and merges them. */
function addMissing(
	target: Map<string, Entry>,
	found: readonly { readonly name: string; readonly [field: string]: unknown }[],
	{ field, folder }: { readonly field: string; readonly folder: string },
): void {
	const own = new Map(found.map((entry) => [entry.name, { value: entry[field] ?? {}, folder }]));
	for (const [name, entry] of own) if (!target.has(name)) target.set(name, entry);
}

const READ_ERRORS: Readonly<Record<string, string>> = { EISDIR: "is a directory", EACCES: "permission denied" };

function read(file: string, mustExist: boolean): string | undefined {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		if (code === "ENOENT" && !mustExist) return undefined;
		if (code === "ENOENT") throw badKubeconfig(`stat ${file}: no such file or directory`);
		const reason = READ_ERRORS[String(code)] ?? String(code);
		throw badKubeconfig(`error loading config file "${file}": read ${file}: ${reason}`);
	}
}

/** What a kubeconfig file says; `file` names it in errors. @throws PluginError Kubeconfig */
export function parseKubeconfig(text: string, file: string): KubeconfigFile {
	const result = fileSchema.safeParse(decoded(text, file));
	if (result.success) return result.data;
	throw badKubeconfig(`error loading config file "${file}": ${explain(result.error)}`);
}

function decoded(content: string, file: string): unknown {
	try {
		return parse(content) ?? {};
	} catch (error) {
		const [reason] = error instanceof Error ? error.message.split("\n") : [];
		throw badKubeconfig(`error loading config file "${file}": yaml: ${reason?.replace(/:$/, "")}`);
	}
}

export function explain(error: z.ZodError): string {
	return error.issues.map(({ path, message }) => [path.join("."), message].filter(Boolean).join(": ")).join("; ");
}
