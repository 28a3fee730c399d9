import { accessSync, constants } from "node:fs";
import { badKubeconfig, badKubeconfigs } from "../errors.ts";
import type { KubeconfigContext } from "./context.ts";
import type { Exec, KubeconfigUser } from "./kubeconfig-schema.ts";

const INTERACTIVE_MODES = ["Never", "IfAvailable", "Always"];

/** What may be wrong, and whether it is. */
type Rule = readonly [isBroken: boolean, problem: string];

/**
 * What kubectl refuses before it asks anybody, in its words.
 * @throws PluginError Kubeconfig
 */
export function confirmUsable(context: KubeconfigContext): void {
	const rules = [
		...certificateRules(context),
		...execRules(context),
		...loginRules(context),
		...impersonationRules(context),
		...clusterRules(context),
	];
	const problems = rules.filter(([isBroken]) => isBroken).map(([, problem]) => problem);
	const [only] = problems;
	if (problems.length > 1) throw badKubeconfigs(problems);
	if (only !== undefined) throw badKubeconfig(only);
}

function certificateRules({ user, userName: name }: KubeconfigContext): readonly Rule[] {
	const file = user["client-certificate"];
	const data = user["client-certificate-data"];
	const keyFile = user["client-key"];
	const keyData = user["client-key-data"];
	if (file === undefined && data === undefined) return [];
	return [
		[
			file !== undefined && data !== undefined,
			`client-cert-data and client-cert are both specified for ${name}. client-cert-data will override.`,
		],
		[
			keyFile !== undefined && keyData !== undefined,
			`client-key-data and client-key are both specified for ${name}; client-key-data will override`,
		],
		[
			keyFile === undefined && keyData === undefined,
			`client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`,
		],
		...readableRule(file, `client-cert ${file} for ${name}`),
		...readableRule(keyFile, `client-key ${keyFile} for ${name}`),
	];
}

function execRules({ user, userName }: KubeconfigContext): readonly Rule[] {
	const { exec } = user;
	if (!exec) return [];
	const { command, apiVersion } = exec;
	const mode = modeOf(exec);
	const use = `for ${userName} to use exec authentication plugin`;
	return [
		[!!user["auth-provider"], `authProvider cannot be provided in combination with an exec plugin for ${userName}`],
		[command === undefined, `command must be specified ${use}`],
		[apiVersion === undefined, `apiVersion must be specified ${use}`],
		[mode === undefined, `interactiveMode must be specified ${use}`],
		[
			mode !== undefined && !INTERACTIVE_MODES.includes(mode),
			`invalid interactiveMode for ${userName}: ${JSON.stringify(mode)}`,
		],
	];
}

/** Only v1 has to say whether it wants a terminal. */
function modeOf({ interactiveMode, apiVersion }: Exec): string | undefined {
	return interactiveMode ?? (apiVersion?.endsWith("/v1beta1") ? "IfAvailable" : undefined);
}

function loginRules({ user, userName }: KubeconfigContext): readonly Rule[] {
	const provider = user["auth-provider"]?.name;
	const isAlone = provider !== undefined && user.token === undefined && !user.exec;
	const hasBoth = user.token !== undefined && (user.username ?? user.password) !== undefined;
	const found = "found [token basicAuth], only one is allowed";
	return [
		[hasBoth, `more than one authentication method found for ${userName}; ${found}`],
		[isAlone, `the auth-provider ${provider} of ${userName} is not supported; use an exec plugin such as kubelogin`],
	];
}

function impersonationRules({ user, userName }: KubeconfigContext): readonly Rule[] {
	const problem = `requesting uid, groups or user-extra for ${userName} without impersonating a user`;
	return [[user.as === undefined && hasMoreThanUser(user), problem]];
}

function hasMoreThanUser(user: KubeconfigUser): boolean {
	const extras = Object.keys(user["as-user-extra"] ?? {}).length;
	return user["as-uid"] !== undefined || (user["as-groups"]?.length ?? 0) + extras > 0;
}

function clusterRules({ cluster, clusterName: name }: KubeconfigContext): readonly Rule[] {
	const file = cluster["certificate-authority"];
	return [
		[
			file !== undefined && cluster["certificate-authority-data"] !== undefined,
			`certificate-authority-data and certificate-authority are both specified for ${name}. certificate-authority-data will override.`,
		],
		...readableRule(file, `certificate-authority ${file} for ${name}`),
		[
			cluster["insecure-skip-tls-verify"] && (file ?? cluster["certificate-authority-data"]) !== undefined,
			"specifying a root certificates file with the insecure flag is not allowed",
		],
		...proxyRules(cluster["proxy-url"], name),
	];
}

const PROXIES = ["http", "https", "socks5", "socks5h"];

/** A proxy that cannot be used must not be left out silently. */
function proxyRules(proxy: string | undefined, cluster: string): readonly Rule[] {
	if (proxy === undefined) return [];
	const problem = `invalid 'proxy-url' ${JSON.stringify(proxy)} for cluster ${JSON.stringify(cluster)}`;
	const [, scheme = ""] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(proxy) ?? [];
	const isUrl = scheme === "" ? !proxy.includes(":") : URL.canParse(proxy);
	const known = PROXIES.includes(scheme.toLowerCase());
	return [
		[!isUrl, `${problem}: could not parse: ${proxy}`],
		[isUrl && !known, `${problem}: unsupported scheme ${JSON.stringify(scheme)}, must be http, https, or socks5`],
	];
}

function readableRule(file: string | undefined, what: string): readonly Rule[] {
	if (file === undefined) return [];
	try {
		accessSync(file, constants.R_OK);
		return [];
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : undefined;
		const reason = code === "ENOENT" ? "no such file or directory" : "permission denied";
		return [[true, `unable to read ${what} due to open ${file}: ${reason}`]];
	}
}
