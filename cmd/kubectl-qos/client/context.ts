import { isAbsolute, resolve } from "node:path";
import type { z } from "zod";
import type { ConnectionOptions } from "../arguments/global.ts";
import { badKubeconfig, contextNotFound } from "../errors.ts";
import { type Entry, explain, type Kubeconfig } from "./kubeconfig.ts";
import {
	clusterSchema,
	contextSchema,
	type Exec,
	type KubeconfigCluster,
	type KubeconfigUser,
	userSchema,
} from "./kubeconfig-schema.ts";

/** What the kubeconfig and the flags say together, paths made absolute. */
export interface KubeconfigContext {
	readonly cluster: KubeconfigCluster;
	readonly user: KubeconfigUser;
	/** Names for messages; empty when there is none. */
	readonly clusterName: string;
	readonly userName: string;
	readonly namespace: string | undefined;
	/** What kubectl would do silently: a name in the context that leads nowhere. */
	readonly warnings: readonly string[];
}

/**
 * The context in use with the flags laid over it, by kubectl's rules: a flag replaces the field it names and
 * what contradicts it; a context, cluster or user named by a flag must exist, one named by a file need not.
 * @throws PluginError Kubeconfig
 */
export function selectContext(kubeconfig: Kubeconfig, options: ConnectionOptions): KubeconfigContext {
	const context = chosenContext(kubeconfig, options);
	const cluster = named(kubeconfig.clusters, { flag: options.cluster, file: context.cluster, kind: "cluster" });
	const user = named(kubeconfig.users, { flag: options.user, file: context.user, kind: "auth info" });
	return {
		cluster: overriddenCluster(readCluster(cluster), options),
		user: overriddenUser(readUser(user), options),
		clusterName: cluster.name,
		userName: user.name,
		namespace: options.namespace ?? context.namespace,
		warnings: [
			...(cluster.isDangling ? [`warning: kubeconfig: cluster "${cluster.name}" does not exist`] : []),
			...(user.isDangling
				? [`warning: kubeconfig: user "${user.name}" does not exist; the request goes without credentials`]
				: []),
		],
	};
}

interface Named {
	/** Empty when neither flag nor context names one. */
	readonly name: string;
	readonly entry: Entry | undefined;
	readonly isDangling: boolean;
}

function named(
	entries: ReadonlyMap<string, Entry>,
	{ flag, file, kind }: { readonly flag: string | undefined; readonly file: string | undefined; readonly kind: string },
): Named {
	const name = flag ?? file ?? "";
	const entry = entries.get(name);
	if (!entry && flag !== undefined) throw badKubeconfig(`${kind} "${name}" does not exist`);
	return { name, entry, isDangling: !entry && name !== "" };
}

function chosenContext(kubeconfig: Kubeconfig, options: ConnectionOptions): z.output<typeof contextSchema> {
	const name = options.context ?? kubeconfig.currentContext;
	const found = name === undefined ? undefined : kubeconfig.contexts.get(name);
	if (found) return readEntry(contextSchema, found, `context "${name}"`);
	if (name === undefined) return { cluster: undefined, user: undefined, namespace: undefined };
	if (options.context === undefined) throw contextNotFound(name, among(kubeconfig));
	throw badKubeconfig(`context "${name}" does not exist${among(kubeconfig)}`);
}

function among({ contexts }: Kubeconfig): string {
	return contexts.size === 0 ? "" : `; there are: ${[...contexts.keys()].join(", ")}`;
}

function readCluster({ entry, name }: Named): Partial<KubeconfigCluster> {
	if (!entry) return {};
	const cluster = readEntry(clusterSchema, entry, `cluster "${name}"`);
	return { ...cluster, "certificate-authority": absolute(entry.folder, cluster["certificate-authority"]) };
}

function readUser({ entry, name }: Named): Partial<KubeconfigUser> {
	if (!entry) return {};
	const user = readEntry(userSchema, entry, `user "${name}"`);
	return {
		...user,
		"client-certificate": absolute(entry.folder, user["client-certificate"]),
		"client-key": absolute(entry.folder, user["client-key"]),
		tokenFile: absolute(entry.folder, user.tokenFile),
		exec: user.exec && absoluteExec(user.exec, entry.folder),
	};
}

/** A command with a slash in it is a path; without, it is looked for on PATH. */
function absoluteExec(exec: Exec, folder: string): Exec {
	return /[/\\]/.test(exec.command ?? "") ? { ...exec, command: absolute(folder, exec.command) } : exec;
}

function absolute(folder: string, file: string | undefined): string | undefined {
	return file === undefined || isAbsolute(file) ? file : resolve(folder, file);
}

function readEntry<T>(schema: z.ZodType<T>, entry: Entry, what: string): T {
	const result = schema.safeParse(entry.value);
	if (result.success) return result.data;
	throw badKubeconfig(`kubeconfig ${what}: ${explain(result.error)}`);
}

/** `--server` forgets the kubeconfig's tls-server-name; a CA or insecure flag forgets both of the kubeconfig's. */
function overriddenCluster(cluster: Partial<KubeconfigCluster>, options: ConnectionOptions): KubeconfigCluster {
	const { server, certificateAuthority, tlsServerName, insecure } = options;
	const trust =
		insecure || certificateAuthority !== undefined
			? {
					"certificate-authority": certificateAuthority,
					"certificate-authority-data": undefined,
					"insecure-skip-tls-verify": insecure,
				}
			: {};
	const name = server !== undefined || tlsServerName !== undefined ? { "tls-server-name": tlsServerName } : {};
	const merged = { ...clusterSchema.parse({}), ...cluster, ...trust, ...name };
	return { ...merged, server: server ?? merged.server };
}

function overriddenUser(user: Partial<KubeconfigUser>, options: ConnectionOptions): KubeconfigUser {
	const { token, clientCertificate, clientKey, impersonate } = options;
	return {
		...userSchema.parse({}),
		...user,
		...(token !== undefined && { token }),
		...(clientCertificate !== undefined && {
			"client-certificate": clientCertificate,
			"client-certificate-data": undefined,
		}),
		...(clientKey !== undefined && { "client-key": clientKey, "client-key-data": undefined }),
		...(impersonate.user !== undefined && { as: impersonate.user }),
		...(impersonate.uid !== undefined && { "as-uid": impersonate.uid }),
		...(impersonate.groups.length > 0 && { "as-groups": [...impersonate.groups] }),
	};
}
