import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import { z } from "zod";
import { codeOf } from "../../files/folder.ts";

/** The API server cannot be asked: the message says in one line which file or entry is wrong. */
export class KubeConfigError extends Error {
	override readonly name = "KubeConfigError";
}

/** How to reach an API server, and as whom. */
export interface ClusterAccess {
	/** `https://host:port`, possibly with a path. */
	readonly server: string;
	/** Namespace of the context; `default` when it names none. */
	readonly namespace: string;
	readonly config: KubeConfig;
	/** `Impersonate-*` headers of the kubeconfig's user. */
	readonly impersonation: Readonly<Record<string, string | string[]>>;
}

export interface KubeConfigOptions {
	/** Kubeconfig files; what an earlier one names hides what a later one does. Absent: the pod's ServiceAccount. */
	readonly files?: readonly string[] | undefined;
	/** Absent: the current context. */
	readonly context?: string | undefined;
}

const strings = z.array(z.string()).nullish();
const userSchema = z.looseObject({
	tokenFile: z.string().optional(),
	"client-certificate": z.string().optional(),
	"client-key": z.string().optional(),
	exec: z.looseObject({ command: z.string() }).nullish(),
	as: z.string().nullish(),
	"as-uid": z.string().nullish(),
	"as-groups": strings,
	"as-user-extra": z.record(z.string(), z.array(z.string())).nullish(),
});
const clusterSchema = z.looseObject({
	server: z.string(),
	"certificate-authority": z.string().optional(),
});
const contextSchema = z.object({
	cluster: z.string(),
	user: z.string().nullish(),
	namespace: z.string().nullish(),
});
const named = z.looseObject({ name: z.string() });
const fileSchema = z
	.looseObject({
		"current-context": z.string().nullish(),
		clusters: z.array(named).nullish(),
		users: z.array(named).nullish(),
		contexts: z.array(named).nullish(),
	})
	.nullable();

interface Entry {
	readonly file: string;
	readonly content: unknown;
}

/**
 * Reads how to reach the API server. Only the chosen context's entries are looked at, so a broken
 * entry elsewhere does no harm. @throws KubeConfigError
 */
export function loadClusterAccess(options: KubeConfigOptions): ClusterAccess {
	return options.files === undefined ? inCluster() : fromFiles(options.files, options.context);
}

/** The same API server with somebody's bearer token and nothing else that says who asks, no client certificate either. */
export function accessAs({ server, namespace, config }: ClusterAccess, token: string): ClusterAccess {
	const cluster = config.getCurrentCluster();
	const name = "caller";
	const own = new KubeConfig();
	own.loadFromOptions({
		clusters: cluster ? [{ ...cluster, name }] : [],
		users: [{ name, token }],
		contexts: [{ name, cluster: name, user: name }],
		currentContext: name,
	});
	return { server, namespace, config: own, impersonation: {} };
}

function inCluster(): ClusterAccess {
	const config = new KubeConfig();
	try {
		config.loadFromCluster();
	} catch (error) {
		throw new KubeConfigError(`the pod's ServiceAccount cannot be used (${causeOf(error)}); pass --kubeconfig FILE`);
	}
	const server = config.getCurrentCluster()?.server ?? "";
	if (!URL.canParse(server) || server.includes("undefined")) {
		throw new KubeConfigError("not running in a cluster and no kubeconfig given; pass --kubeconfig FILE");
	}
	if (server.startsWith("https:")) confirmAuthority(config.getCurrentCluster()?.caFile ?? "");
	const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? "default";
	return { server, namespace, config, impersonation: {} };
}

/** Without it every request would fail for a reason that speaks of the API server. */
function confirmAuthority(file: string): void {
	const problem = authorityProblem(file);
	if (problem === undefined) return;
	throw new KubeConfigError(
		`${file} ${problem}: mount the whole volume of the pod's ServiceAccount, or pass --kubeconfig FILE`,
	);
}

function authorityProblem(file: string): string | undefined {
	try {
		return readFileSync(file).includes("-----BEGIN CERTIFICATE-----") ? undefined : "holds no certificate";
	} catch (error) {
		return `cannot be read (${codeOf(error)})`;
	}
}

function fromFiles(files: readonly string[], wanted: string | undefined): ClusterAccess {
	const contents = files.map((file) => ({ file, content: readKubeConfig(file) }));
	const place = files.join(", ");
	const current = contents.map(({ content }) => content?.["current-context"]).find((name) => Boolean(name));
	const contextName = wanted ?? current ?? undefined;
	if (contextName === undefined)
		throw new KubeConfigError(`${place}: no current-context; set one or pass --context NAME`);

	const find = (kind: "clusters" | "users" | "contexts", name: string): Entry | undefined => {
		for (const { file, content } of contents) {
			const entry = content?.[kind]?.find((entry) => entry.name === name);
			if (entry) return { file, content: entry[kind.slice(0, -1)] };
		}
		return undefined;
	};
	const context = checked(contextSchema, find("contexts", contextName), `${place}: context "${contextName}"`);
	const clusterEntry = find("clusters", context.cluster);
	const cluster = checked(clusterSchema, clusterEntry, `${place}: cluster "${context.cluster}"`);
	if (!URL.canParse(cluster.server)) {
		throw new KubeConfigError(`${place}: cluster "${context.cluster}": server "${cluster.server}" is not a URL`);
	}
	const userEntry = context.user ? find("users", context.user) : { file: "", content: {} };
	const user = checked(userSchema, userEntry, `${place}: user "${context.user ?? ""}"`);
	const absolute = {
		cluster: withAbsolutePaths(cluster, ["certificate-authority"], clusterEntry?.file ?? ""),
		user: credentialsOf(
			withAbsolutePaths(user, ["client-certificate", "client-key", "tokenFile"], userEntry?.file ?? ""),
		),
	};
	return {
		server: cluster.server.replace(/\/$/, ""),
		namespace: context.namespace ?? "default",
		config: configOf(absolute.cluster, absolute.user, place),
		impersonation: impersonationOf(user),
	};
}

function readKubeConfig(file: string): z.output<typeof fileSchema> {
	try {
		return fileSchema.parse(parse(readFileSync(file, "utf8")));
	} catch (error) {
		throw new KubeConfigError(`kubeconfig ${file} cannot be read: ${causeOf(error)}`);
	}
}

function checked<T>(schema: z.ZodType<T>, entry: Entry | undefined, what: string): T {
	if (entry === undefined) throw new KubeConfigError(`${what} is not there`);
	const result = schema.safeParse(entry.content);
	if (result.success) return result.data;
	const [issue] = result.error.issues;
	throw new KubeConfigError(`${what} is invalid: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

/** Paths in a kubeconfig are relative to its folder. */
function withAbsolutePaths<T extends Record<string, unknown>>(entry: T, keys: readonly string[], file: string): T {
	const paths = keys.flatMap((key) => {
		const path = entry[key];
		return typeof path === "string" && path !== "" ? [[key, resolve(dirname(file), path)]] : [];
	});
	const exec = entry["exec"];
	if (typeof exec !== "object" || exec === null || !("command" in exec))
		return { ...entry, ...Object.fromEntries(paths) };
	const command = String(exec.command);
	const isRelativePath = command.includes("/") && !isAbsolute(command);
	const absoluteCommand = isRelativePath ? join(resolve(dirname(file)), command) : command;
	return { ...entry, ...Object.fromEntries(paths), exec: { ...exec, command: absoluteCommand } };
}

/** The client ignores `tokenFile`, which would make every request anonymous; its file provider does not. */
function credentialsOf(user: z.output<typeof userSchema>): Record<string, unknown> {
	const { tokenFile, as: _as, ...rest } = user;
	if (tokenFile === undefined) return rest;
	return { ...rest, "auth-provider": { name: "tokenFile", config: { tokenFile } } };
}

function configOf(cluster: Record<string, unknown>, user: Record<string, unknown>, place: string): KubeConfig {
	const config = new KubeConfig();
	const name = "chosen";
	// The client refuses plain http unless verification is off; there is nothing to verify then.
	const plain = String(cluster["server"]).startsWith("http:") ? { "insecure-skip-tls-verify": true } : {};
	try {
		config.loadFromString(
			JSON.stringify({
				clusters: [{ name, cluster: { ...cluster, ...plain } }],
				users: [{ name, user }],
				contexts: [{ name, context: { cluster: name, user: name } }],
				"current-context": name,
			}),
		);
	} catch (error) {
		throw new KubeConfigError(`${place}: ${causeOf(error)}`);
	}
	return config;
}

function impersonationOf(user: z.output<typeof userSchema>): Record<string, string | string[]> {
	return {
		...(user.as ? { "Impersonate-User": user.as } : {}),
		...(user["as-uid"] ? { "Impersonate-Uid": user["as-uid"] } : {}),
		...(user["as-groups"]?.length ? { "Impersonate-Group": user["as-groups"] } : {}),
		...Object.fromEntries(
			Object.entries(user["as-user-extra"] ?? {}).map(([key, values]) => [
				`Impersonate-Extra-${encodeURIComponent(key)}`,
				values,
			]),
		),
	};
}

function causeOf(error: unknown): string {
	if (error instanceof z.ZodError) {
		const [issue] = error.issues;
		return `not a kubeconfig (${issue?.path.join(".") || "file"}: ${issue?.message})`;
	}
	const [line = "unknown error"] = (error instanceof Error ? error.message : String(error)).split("\n");
	return line;
}
