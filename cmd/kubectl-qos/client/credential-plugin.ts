import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { noCredentials, type PluginError } from "../errors.ts";
import { parseJson } from "./body.ts";
import type { Exec, KubeconfigCluster } from "./kubeconfig-schema.ts";

const GROUP = "client.authentication.k8s.io";
const VERSIONS = [`${GROUP}/v1`, `${GROUP}/v1beta1`];
/** Extension of a cluster entry that is handed to the plugin as its configuration. */
const EXTENSION = `${GROUP}/exec`;

const NOT_INSTALLED = `It looks like you are trying to use a client-go credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins`;

const credentialSchema = z.object({
	apiVersion: z.string().optional(),
	kind: z.string().optional(),
	status: z
		.object({
			token: z.string().optional(),
			clientCertificateData: z.string().optional(),
			clientKeyData: z.string().optional(),
			expirationTimestamp: z.string().nullish(),
		})
		.nullish(),
});

/** What a credential plugin answered. */
export interface ExecCredential {
	readonly token: string | undefined;
	readonly certificate: string | undefined;
	readonly key: string | undefined;
	/** ms since the epoch; infinite when it does not expire. */
	readonly expiresAt: number;
}

/**
 * Runs the credential plugin of a kubeconfig as kubectl runs it: told in KUBERNETES_EXEC_INFO what is wanted,
 * its stderr shown, its stdin the terminal when it may ask. With `patience` nobody looks: it shows and asks
 * nothing, and is killed with all its children when the signal fires.
 * @throws PluginError Kubeconfig
 */
export async function runCredentialPlugin(
	exec: Exec,
	cluster: KubeconfigCluster,
	patience?: AbortSignal,
): Promise<ExecCredential> {
	const { command = "", apiVersion = "" } = exec;
	if (!VERSIONS.includes(apiVersion)) throw noCredentials(`exec plugin: invalid apiVersion "${apiVersion}"`);
	const interactive = !patience && isInteractive(exec);
	const spec = { interactive, ...(exec.provideClusterInfo && { cluster: clusterInfo(cluster) }) };
	const child = start(exec, { info: { kind: "ExecCredential", apiVersion, spec }, interactive, patience });
	const ended = new Promise<number | null>((resolve, reject) => {
		child.on("error", (error) => reject(notStarted(exec, error)));
		child.on("close", resolve);
	});
	const [output, code] = await Promise.all([text(child.stdout), ended]);
	if (code !== 0) throw noCredentials(`exec: executable ${command} failed with exit code ${code ?? "of a signal"}`);
	return parseCredential(output, apiVersion);
}

interface Start {
	readonly info: object;
	readonly interactive: boolean;
	readonly patience: AbortSignal | undefined;
}

function start({ command = "", args, env }: Exec, { info, interactive, patience }: Start) {
	const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
	const child = spawn(command, [...(args ?? [])], {
		env: { ...process.env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
		stdio: [interactive ? "inherit" : "ignore", "pipe", patience ? "ignore" : "inherit"],
		detached: patience !== undefined,
	});
	patience?.addEventListener("abort", () => kill(child));
	return child;
}

/** With its process group: what a script started would keep us waiting. */
function kill({ pid, stdout }: ChildProcess): void {
	stdout?.destroy();
	try {
		if (pid !== undefined) process.kill(-pid, "SIGKILL");
	} catch {
		// It has ended.
	}
}

function isInteractive({ interactiveMode }: Exec): boolean {
	if (interactiveMode === "Never") return false;
	if (interactiveMode === "Always" && !process.stdin.isTTY) {
		throw noCredentials("exec plugin cannot support interactive mode: standard input is not a terminal");
	}
	return process.stdin.isTTY;
}

function clusterInfo(cluster: KubeconfigCluster): object {
	const config = cluster.extensions?.find(({ name }) => name === EXTENSION)?.extension;
	const { server, "tls-server-name": name, "certificate-authority": file, "proxy-url": proxy } = cluster;
	const ca = cluster["certificate-authority-data"] ?? (file && readFileSync(file).toString("base64"));
	return {
		server,
		...(name !== undefined && { "tls-server-name": name }),
		...(cluster["insecure-skip-tls-verify"] && { "insecure-skip-tls-verify": true }),
		...(ca !== undefined && { "certificate-authority-data": ca }),
		...(proxy !== undefined && { "proxy-url": proxy }),
		...(config !== undefined && { config }),
	};
}

function parseCredential(output: string, apiVersion: string): ExecCredential {
	const parsed = credentialSchema.safeParse(parseJson(output));
	if (!parsed.success) throw noCredentials("decoding stdout: the exec plugin printed no ExecCredential");
	const { status } = parsed.data;
	if (parsed.data.apiVersion !== apiVersion) {
		throw noCredentials(
			`exec plugin is configured to use API version ${apiVersion}, plugin returned version ${parsed.data.apiVersion}`,
		);
	}
	if (!status) throw noCredentials("exec plugin didn't return a status field");
	const { token, clientCertificateData: certificate, clientKeyData: key, expirationTimestamp } = status;
	if (!token && !certificate && !key) throw noCredentials("exec plugin didn't return a token or cert/key pair");
	if (!certificate !== !key) throw noCredentials("exec plugin returned only certificate or key, not both");
	const expiresAt = expirationTimestamp ? Date.parse(expirationTimestamp) : Number.POSITIVE_INFINITY;
	return { token: token || undefined, certificate: certificate || undefined, key: key || undefined, expiresAt };
}

function notStarted({ command, installHint }: Exec, error: Error & { code?: string }): PluginError {
	if (error.code !== "ENOENT") return noCredentials(`exec: ${command}: ${error.message}`);
	// A hint of several lines is meant to be read as it stands, but must not drive the terminal.
	const hint = installHint?.replaceAll(/\p{Cc}/gu, (character) => (character === "\n" ? "\n" : " ")).trim();
	return noCredentials(`exec: executable ${command} not found\n\n${NOT_INSTALLED}${hint ? `\n\n${hint}` : ""}`);
}
