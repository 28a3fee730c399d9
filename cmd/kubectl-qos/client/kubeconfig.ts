import { readFileSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { badKubeconfig } from "../errors.ts";

const text = z.string().optional();

const clusterSchema = z.object({
	server: z.string().default(""),
	"certificate-authority": text,
	"certificate-authority-data": text,
	"insecure-skip-tls-verify": z.boolean().default(false),
	"tls-server-name": text,
	"proxy-url": text,
});

const execSchema = z.object({
	apiVersion: text,
	command: z.string(),
	args: z.array(z.string()).nullish(),
	env: z.array(z.object({ name: z.string(), value: z.string().default("") })).nullish(),
	installHint: text,
	provideClusterInfo: z.boolean().default(false),
});

const userSchema = z.object({
	"client-certificate": text,
	"client-certificate-data": text,
	"client-key": text,
	"client-key-data": text,
	token: text,
	tokenFile: text,
	username: text,
	password: text,
	as: text,
	"as-uid": text,
	"as-groups": z.array(z.string()).nullish(),
	"as-user-extra": z.record(z.string(), z.array(z.string())).nullish(),
	exec: execSchema.nullish(),
	"auth-provider": z.object({ name: z.string(), config: z.record(z.string(), z.string()).nullish() }).nullish(),
});

const contextSchema = z.object({ cluster: z.string().default(""), user: z.string().default(""), namespace: text });

/** A broken entry is a fault only when it is the one in use, so entries are read late. */
const entries = z.array(z.looseObject({ name: z.string() })).nullish();
const fileSchema = z.object({
	clusters: entries,
	users: entries,
	contexts: entries,
	"current-context": z.string().nullish(),
});

type KubeconfigCluster = z.output<typeof clusterSchema>;
export type KubeconfigUser = z.output<typeof userSchema>;
type Exec = z.output<typeof execSchema>;

/** What one context of the merged kubeconfig says. */
export interface KubeconfigContext {
	readonly cluster: KubeconfigCluster;
	readonly user: KubeconfigUser;
	readonly namespace: string | undefined;
}

interface Entry {
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
	const listed = (environment["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
	if (listed.length > 0) return { files: [...new Set(listed)], mustExist: false };
	const home = environment["HOME"] ?? environment["USERPROFILE"];
	return { files: home === undefined ? [] : [join(home, ".kube", "config")], mustExist: false };
}

/** Reads and merges kubeconfig files. @throws PluginError Kubeconfig */
export function loadKubeconfig(files: readonly string[], mustExist: boolean): Kubeconfig {
	const merged = {
		clusters: new Map<string, Entry>(),
		users: new Map<string, Entry>(),
		contexts: new Map<string, Entry>(),
	};
	let currentContext: string | undefined;
	for (const file of files) {
		const content = read(file, mustExist);
		if (content === undefined) continue;
		for (const part of ["clusters", "users", "contexts"] as const) {
			addMissing(merged[part], content[part] ?? [], { field: part.slice(0, -1), folder: dirname(file) });
		}
		currentContext ??= content["current-context"] || undefined;
	}
	return { ...merged, currentContext, files };
}

function addMissing(
	target: Map<string, Entry>,
	found: readonly { readonly name: string; readonly [field: string]: unknown }[],
	{ field, folder }: { readonly field: string; readonly folder: string },
): void {
	for (const entry of found) {
		if (!target.has(entry.name)) target.set(entry.name, { value: entry[field] ?? {}, folder });
	}
}

function read(file: string, mustExist: boolean): z.output<typeof fileSchema> | undefined {
	let content: string;
	try {
		content = readFileSync(file, "utf8");
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		if (code === "ENOENT" && !mustExist) return undefined;
		if (code === "ENOENT") throw badKubeconfig(`stat ${file}: no such file or directory`);
		throw badKubeconfig(`error loading config file "${file}": it cannot be read (${String(code)})`);
	}
	let parsed: unknown;
	try {
		parsed = parse(content) ?? {};
	} catch (error) {
		const [reason] = error instanceof Error ? error.message.split("\n") : [];
		throw badKubeconfig(`error loading config file "${file}": yaml: ${reason}`);
	}
	const result = fileSchema.safeParse(parsed);
	if (result.success) return result.data;
	throw badKubeconfig(`error loading config file "${file}": ${explain(result.error)}`);
}

/**
 * The context in use, its paths made absolute.
 * @throws PluginError Kubeconfig when there is none of that name, or what it refers to is missing or malformed
 */
export function selectContext(kubeconfig: Kubeconfig, wanted: string | undefined): KubeconfigContext {
	const name = wanted ?? kubeconfig.currentContext;
	if (name === undefined) {
		const where = kubeconfig.files.join(", ") || "KUBECONFIG";
		throw badKubeconfig(`no current context in ${where}; choose one with --context, or a file with --kubeconfig`);
	}
	const found = kubeconfig.contexts.get(name);
	if (!found) {
		const known = [...kubeconfig.contexts.keys()].join(", ");
		throw badKubeconfig(`context "${name}" does not exist${known === "" ? "" : `; there are: ${known}`}`);
	}
	const context = readEntry(contextSchema, found, `context "${name}"`);
	const cluster = kubeconfig.clusters.get(context.cluster);
	if (!cluster) throw badKubeconfig(`context "${name}": cluster "${context.cluster}" does not exist`);
	const user = kubeconfig.users.get(context.user);
	if (!user && context.user !== "") {
		throw badKubeconfig(`context "${name}": user "${context.user}" does not exist`);
	}
	return {
		cluster: absoluteCluster(readEntry(clusterSchema, cluster, `cluster "${context.cluster}"`), cluster.folder),
		user: user ? absoluteUser(readEntry(userSchema, user, `user "${context.user}"`), user.folder) : {},
		namespace: context.namespace || undefined,
	};
}

function readEntry<T>(schema: z.ZodType<T>, entry: Entry, what: string): T {
	const result = schema.safeParse(entry.value);
	if (result.success) return result.data;
	throw badKubeconfig(`kubeconfig ${what}: ${explain(result.error)}`);
}

function explain(error: z.ZodError): string {
	return error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
}

function absoluteCluster(cluster: KubeconfigCluster, folder: string): KubeconfigCluster {
	return { ...cluster, "certificate-authority": absolute(folder, cluster["certificate-authority"]) };
}

function absoluteUser(user: KubeconfigUser, folder: string): KubeconfigUser {
	return {
		...user,
		"client-certificate": absolute(folder, user["client-certificate"]),
		"client-key": absolute(folder, user["client-key"]),
		tokenFile: absolute(folder, user.tokenFile),
		exec: user.exec && absoluteExec(user.exec, folder),
	};
}

/** A command with a slash in it is a path; without, it is looked for on PATH. */
function absoluteExec(exec: Exec, folder: string): Exec {
	return /[/\\]/.test(exec.command) ? { ...exec, command: absolute(folder, exec.command) ?? exec.command } : exec;
}

function absolute(folder: string, file: string | undefined): string | undefined {
	if (file === undefined || file === "" || isAbsolute(file)) return file === "" ? undefined : file;
	return join(folder, file);
}
