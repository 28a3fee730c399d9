import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import forge from "node-forge";
import { GLOBAL_FLAGS } from "../../cmd/kubectl-qos/arguments/global.ts";
import { parseCommandLine } from "../../cmd/kubectl-qos/arguments/parse.ts";
import { openSession } from "../../cmd/kubectl-qos/client/session.ts";
import { PluginError } from "../../cmd/kubectl-qos/errors.ts";
import { recordingTerminal } from "../unit/plugin/terminal.ts";

/** A certificate authority for clients, and a certificate for `cn-root` in group `org-dev`. */
export function writeClientCertificates(folder: string): void {
	const { pki } = forge;
	const authority = pki.rsa.generateKeyPair(2048);
	const client = pki.rsa.generateKeyPair(2048);
	function certificate(subject: forge.pki.CertificateField[], key: forge.pki.PublicKey, isAuthority: boolean): string {
		const made = pki.createCertificate();
		made.publicKey = key;
		made.serialNumber = isAuthority ? "01" : "02";
		made.validity.notBefore = new Date(Date.now() - 60_000);
		made.validity.notAfter = new Date(Date.now() + 3_600_000);
		made.setSubject(subject);
		made.setIssuer([{ name: "commonName", value: "clients" }]);
		made.setExtensions([
			{ name: "basicConstraints", cA: isAuthority },
			{ name: "extKeyUsage", clientAuth: true },
		]);
		made.sign(authority.privateKey, forge.md.sha256.create());
		return pki.certificateToPem(made);
	}
	writeFileSync(
		join(folder, "ca.crt"),
		certificate([{ name: "commonName", value: "clients" }], authority.publicKey, true),
	);
	const subject = [
		{ name: "organizationName", value: "org-dev" },
		{ name: "commonName", value: "cn-root" },
	];
	writeFileSync(join(folder, "client.crt"), certificate(subject, client.publicKey, false));
	writeFileSync(join(folder, "client.key"), pki.privateKeyToPem(client.privateKey));
}

interface CountingProxy {
	readonly url: string;
	readonly server: Server;
	connections: number;
}

/** An HTTP proxy that counts the tunnels through it. */
async function startProxy(): Promise<CountingProxy> {
	const server = createServer();
	const state = { url: "", server, connections: 0 };
	server.on("connect", (request, socket) => {
		state.connections += 1;
		const [host, port] = (request.url ?? "").split(":");
		const upstream = connect(Number(port), host, () => {
			socket.write("HTTP/1.1 200 OK\r\n\r\n");
			upstream.pipe(socket).pipe(upstream);
		});
		upstream.on("error", () => socket.destroy());
		socket.on("error", () => upstream.destroy());
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return state;
}

/** A SOCKS5 proxy without a password that counts the tunnels through it. */
async function startSocksProxy(): Promise<CountingProxy> {
	const server = createTcpServer();
	const state = { url: "", server, connections: 0 };
	server.on("connection", (socket) => {
		socket.on("error", () => {});
		socket.once("data", () => {
			socket.write(Buffer.from([5, 0]));
			socket.once("data", (request) => {
				state.connections += 1;
				const isName = request[3] === 3;
				const host = isName ? request.subarray(5, -2).toString() : request.subarray(4, 8).join(".");
				const upstream = connect(request.readUInt16BE(request.length - 2), host, () => {
					socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
					upstream.pipe(socket).pipe(upstream);
				});
				upstream.on("error", () => socket.destroy());
			});
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	state.url = `socks5://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return state;
}

export interface Proxies {
	readonly http: CountingProxy;
	readonly socks: CountingProxy;
	readonly close: () => void;
}

export async function startProxies(): Promise<Proxies> {
	const [http, socks] = await Promise.all([startProxy(), startSocksProxy()]);
	return { http, socks, close: () => [http, socks].forEach(({ server }) => server.close()) };
}

const REVIEW = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };

/** A user, or what was said instead. */
export interface Seen {
	readonly identity?: unknown;
	readonly error?: string;
}

/** Who the API server thinks the plugin is. */
export async function seenOfPlugin(KUBECONFIG: string, flags: readonly string[]): Promise<Seen> {
	const { terminal } = recordingTerminal({ environment: { ...process.env, KUBECONFIG } });
	const { values } = parseCommandLine(["x", ...flags], [{ name: "x", flags: GLOBAL_FLAGS }]);
	try {
		const { client } = await openSession(values, terminal);
		const answer = await client.create("/apis/authentication.k8s.io/v1/selfsubjectreviews", REVIEW);
		client.close();
		return { identity: identityOf(answer) };
	} catch (error) {
		if (error instanceof PluginError) return { error: error.message };
		throw error;
	}
}

export async function seenOfKubectl(kubectl: string, KUBECONFIG: string, flags: readonly string[]): Promise<Seen> {
	const args = ["auth", "whoami", "-o", "json", ...flags];
	return new Promise((resolve) => {
		const env = { ...process.env, KUBECONFIG };
		const child = execFile(kubectl, args, { env, timeout: 30_000 }, (error, stdout, stderr) => {
			resolve(error ? { error: stderr.trim() } : { identity: identityOf(JSON.parse(stdout)) });
		});
		child.stdin?.end();
	});
}

function identityOf(answer: object): unknown {
	return (answer as { readonly status?: { readonly userInfo?: unknown } }).status?.userInfo;
}
