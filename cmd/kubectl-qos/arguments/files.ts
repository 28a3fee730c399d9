import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { badFile, usage } from "../errors.ts";

/** A Deployment that a manifest names. */
export interface Target {
	/** Absent: the one in use. */
	readonly namespace?: string | undefined;
	readonly name: string;
}

const manifest = z.looseObject({
	kind: z.string().default(""),
	items: z.array(z.unknown()).optional(),
	metadata: z.object({ name: z.string().default(""), namespace: z.string().optional() }).prefault({}),
});

const KINDS = ["Deployment", "QoSReport"];

/** The Deployments of `-f FILE`, `-f FOLDER` and `-f -`. @throws PluginError */
export function readTargets(paths: readonly string[]): readonly Target[] {
	const targets = paths.flatMap((path) => filesAt(path).flatMap((file) => targetsIn(file)));
	if (paths.length > 0 && targets.length === 0) throw usage(`no Deployment is in ${paths.join(", ")}`);
	return targets;
}

/** The files behind one `-f`: of a folder those that kubectl would read. @throws PluginError */
export function filesAt(path: string): readonly string[] {
	if (path === "-") return [path];
	if (/^https?:/.test(path)) {
		throw usage(
			`${path} is no file: only the API server is spoken to; fetch it and pass it on: curl -s URL | ... -f -`,
		);
	}
	if (!statSync(path, { throwIfNoEntry: false })) throw usage(`the path "${path}" does not exist`);
	if (!statSync(path).isDirectory()) return [path];
	return readdirSync(path)
		.filter((name) => /\.(json|ya?ml)$/.test(name))
		.toSorted()
		.map((name) => join(path, name));
}

function targetsIn(file: string): readonly Target[] {
	const text = readFileSync(file === "-" ? 0 : file, "utf8");
	return parseAllDocuments(text).flatMap((document) => {
		const [error] = "errors" in document ? document.errors : [];
		if (error) throw badFile(file, error.message.split("\n")[0] ?? "", error.linePos?.[0].line);
		return targetsOf("toJS" in document ? document.toJS() : undefined);
	});
}

function targetsOf(value: unknown): readonly Target[] {
	const parsed = manifest.safeParse(value);
	if (!parsed.success) return [];
	const { kind, items, metadata } = parsed.data;
	if (items) return items.flatMap(targetsOf);
	return KINDS.includes(kind) && metadata.name !== "" ? [{ namespace: metadata.namespace, name: metadata.name }] : [];
}
