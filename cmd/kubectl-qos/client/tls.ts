import { readFileSync } from "node:fs";
import type { AgentOptions } from "node:https";
import { badKubeconfig } from "../errors.ts";
import type { KubeconfigContext } from "./context.ts";
import type { ExecCredential } from "./credential-plugin.ts";

/** kubectl's words. */
const NO_ROOTS = "unable to load root certificates: unable to parse bytes as PEM block";
const NO_CERTIFICATE = "tls: failed to find any PEM data in certificate input";

/** What a kubeconfig and a credential plugin say of TLS. @throws PluginError Kubeconfig */
export function tlsOptions({ cluster, user }: KubeconfigContext, credential: ExecCredential | undefined): AgentOptions {
	const ca = pem(cluster["certificate-authority-data"], cluster["certificate-authority"], NO_ROOTS);
	const own = pem(user["client-certificate-data"], user["client-certificate"], NO_CERTIFICATE);
	const cert = own ?? credential?.certificate;
	const key = own === undefined ? credential?.key : material(user["client-key-data"], user["client-key"]);
	return {
		...(ca !== undefined && { ca }),
		...(cert !== undefined && { cert }),
		...(key !== undefined && { key }),
		...(cluster["insecure-skip-tls-verify"] && { rejectUnauthorized: false }),
		...(cluster["tls-server-name"] && { servername: cluster["tls-server-name"] }),
	};
}

function pem(data: string | undefined, file: string | undefined, otherwise: string): string | Buffer | undefined {
	const found = material(data, file);
	if (found === undefined || found.includes("-----BEGIN ")) return found;
	throw badKubeconfig(otherwise);
}

function material(data: string | undefined, file: string | undefined): string | Buffer | undefined {
	if (data !== undefined) return Buffer.from(data, "base64");
	if (file === undefined) return undefined;
	try {
		return readFileSync(file);
	} catch (error) {
		throw unreadable(file, error);
	}
}

const WORDS: Readonly<Record<string, string>> = {
	ENOENT: "no such file or directory",
	EACCES: "permission denied",
	EISDIR: "is a directory",
};

/** A file that the kubeconfig names. */
export function unreadable(file: string, error: unknown): Error {
	const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
	return badKubeconfig(`open ${file}: ${WORDS[code] ?? code}`);
}
