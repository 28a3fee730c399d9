import { type PluginError, unreachable } from "../errors.ts";

/** Where Node's own words say little. */
const WORDS: Readonly<Record<string, (host: string) => string>> = {
	timeout: (host) => `no answer from ${host} in time`,
	aborted: (host) => `unexpected EOF: ${host} closed the connection in the middle of an answer`,
	"socket hang up": (host) => `EOF: ${host} closed the connection without an answer`,
};

/** kubectl's sentence for a request that never got an answer. */
export function explainNetwork(error: Error & { code?: string }, server: URL): PluginError {
	// A SOCKS proxy that is not there has no code.
	if (error.code === "ECONNREFUSED" || error.message.includes("ECONNREFUSED")) {
		// Nobody gave an address: kubectl's sentence alone leaves people looking for a server on their own machine.
		const hint =
			server.origin === "http://localhost:8080"
				? "\nhint: no kubeconfig names a server and no service account is mounted; choose a file with --kubeconfig or KUBECONFIG, or a server with --server"
				: "";
		return unreachable(
			`The connection to the server ${server.host} was refused - did you specify the right host or port?${hint}`,
		);
	}
	if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") {
		return unreachable(`Unable to connect to the server: dial tcp: lookup ${server.hostname}: no such host`);
	}
	const isTls = /certificate|CERT|SSL|TLS|self.signed/.test(`${error.code} ${error.message}`);
	const hint = isTls ? "; check certificate-authority and server in the kubeconfig" : "";
	const prefix = isTls ? "tls: failed to verify certificate: " : "";
	const what = WORDS[error.message]?.(server.host) ?? error.message.trim();
	return unreachable(`Unable to connect to the server: ${prefix}${what}${hint}`);
}
