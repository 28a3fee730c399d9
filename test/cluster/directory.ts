import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";

/** Present in every cluster's folder: what is inside may be deleted by the next cluster there. */
const MARKER = ".kubectl-qos-cluster";

/** A cluster's folder, emptied of what an earlier cluster left in it. Rejects when it holds anything else. */
export async function prepareDirectory(wanted: string | undefined): Promise<string> {
	if (wanted === undefined) {
		const dir = await mkdtemp(join(tmpdir(), "kubectl-qos-cluster-"));
		await fill(dir);
		return dir;
	}
	const dir = resolve(wanted);
	await mkdir(dir, { recursive: true, mode: 0o700 });
	const entries = await readdir(dir);
	if (entries.length > 0 && !entries.includes(MARKER)) {
		throw new Error(`${dir} holds files that are not a cluster's: name a new or an empty folder`);
	}
	await Promise.all(entries.map((entry) => rm(join(dir, entry), { recursive: true, force: true })));
	await fill(dir);
	return dir;
}

async function fill(dir: string): Promise<void> {
	await writeFile(join(dir, MARKER), "The next cluster in this folder deletes everything in it.\n");
	await mkdir(join(dir, "logs"));
}

/**
 * Writes the API server's credentials; returns the token of its admin.
 * @param tokens more lines: token, user, user's id, "group,group"
 */
export async function writeCredentials(dir: string, tokens: readonly string[]): Promise<string> {
	const token = randomBytes(16).toString("hex");
	const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const key = privateKey.export({ type: "sec1", format: "pem" });
	await writeFile(join(dir, "service-account.key"), key, { mode: 0o600 });
	const lines = [`${token},admin,admin,system:masters`, ...tokens];
	await writeFile(join(dir, "tokens.csv"), `${lines.join("\n")}\n`, { mode: 0o600 });
	return token;
}

export interface KubeconfigContent {
	readonly server: string;
	readonly user: string;
	readonly token: string;
	/** PEM. */
	readonly certificateAuthority: Buffer;
}

/** Writes a kubeconfig, readable by the user alone. */
export async function writeKubeconfig(file: string, content: KubeconfigContent): Promise<void> {
	const text = stringify({
		apiVersion: "v1",
		kind: "Config",
		clusters: [
			{
				name: "local",
				cluster: {
					server: content.server,
					"certificate-authority-data": content.certificateAuthority.toString("base64"),
				},
			},
		],
		users: [{ name: content.user, user: { token: content.token } }],
		contexts: [{ name: "local", context: { cluster: "local", user: content.user } }],
		"current-context": "local",
	});
	await writeFile(file, text, { mode: 0o600 });
}
