import { accessSync, constants } from "node:fs";
import { badKubeconfig, badKubeconfigs } from "../errors.ts";
import type { KubeconfigContext } from "./context.ts";
import type { Exec } from "./kubeconfig-schema.ts";

const INTERACTIVE_MODES = ["Never", "IfAvailable", "Always"];

/**
 * What kubectl refuses before it asks anybody, in its words.
 * @throws PluginError Kubeconfig
 */
export function confirmUsable(context: KubeconfigContext): void {
	const problems = [...userProblems(context), ...clusterProblems(context)];
	const [only] = problems;
	if (problems.length > 1) throw badKubeconfigs(problems);
	if (only !== undefined) throw badKubeconfig(only);
}

function userProblems({ user, userName }: KubeconfigContext): readonly string[] {
	const methods = [
		...(user.token === undefined ? [] : ["token"]),
		...(user.username === undefined && user.password === undefined ? [] : ["basicAuth"]),
	];
	const impersonatesNobody =
		user.as === undefined &&
		(user["as-uid"] !== undefined || user["as-groups"]?.length || Object.keys(user["as-user-extra"] ?? {}).length > 0);
	return [
		...certificateProblems({ user, userName }),
		...(user.exec ? execProblems(user.exec, userName) : []),
		...(user.exec && user["auth-provider"]
			? [`authProvider cannot be provided in combination with an exec plugin for ${userName}`]
			: []),
		...(methods.length > 1
			? [`more than one authentication method found for ${userName}; found [${methods.join(" ")}], only one is allowed`]
			: []),
		...(impersonatesNobody
			? [`requesting uid, groups or user-extra for ${userName} without impersonating a user`]
			: []),
	];
}

function certificateProblems({ user, userName }: Pick<KubeconfigContext, "user" | "userName">): readonly string[] {
	const file = user["client-certificate"];
	const data = user["client-certificate-data"];
	const keyFile = user["client-key"];
	const keyData = user["client-key-data"];
	if (file === undefined && data === undefined) return [];
	return [
		...(file !== undefined && data !== undefined
			? [`client-cert-data and client-cert are both specified for ${userName}. client-cert-data will override.`]
			: []),
		...(keyFile !== undefined && keyData !== undefined
			? [`client-key-data and client-key are both specified for ${userName}; client-key-data will override`]
			: []),
		...(keyFile === undefined && keyData === undefined
			? [`client-key-data or client-key must be specified for ${userName} to use the clientCert authentication method.`]
			: []),
		...unreadable(file, `client-cert ${file} for ${userName}`),
		...unreadable(keyFile, `client-key ${keyFile} for ${userName}`),
	];
}

function execProblems({ command, apiVersion, interactiveMode }: Exec, userName: string): readonly string[] {
	const use = `for ${userName} to use exec authentication plugin`;
	// Only v1 has to say whether it wants a terminal.
	const mode = interactiveMode ?? (apiVersion?.endsWith("/v1beta1") ? "IfAvailable" : undefined);
	return [
		...(command === undefined ? [`command must be specified ${use}`] : []),
		...(apiVersion === undefined ? [`apiVersion must be specified ${use}`] : []),
		...(mode === undefined ? [`interactiveMode must be specified ${use}`] : []),
		...(mode !== undefined && !INTERACTIVE_MODES.includes(mode)
			? [`invalid interactiveMode for ${userName}: "${mode}"`]
			: []),
	];
}

function clusterProblems({ cluster, clusterName }: KubeconfigContext): readonly string[] {
	const file = cluster["certificate-authority"];
	return [
		...(file !== undefined && cluster["certificate-authority-data"] !== undefined
			? [
					`certificate-authority-data and certificate-authority are both specified for ${clusterName}. certificate-authority-data will override.`,
				]
			: []),
		...unreadable(file, `certificate-authority ${file} for ${clusterName}`),
	];
}

function unreadable(file: string | undefined, what: string): readonly string[] {
	if (file === undefined) return [];
	try {
		accessSync(file, constants.R_OK);
		return [];
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		const reason = code === "ENOENT" ? "no such file or directory" : "permission denied";
		return [`unable to read ${what} due to open ${file}: ${reason}`];
	}
}
