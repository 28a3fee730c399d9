import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { issueAuthority, issueLeaf } from "../../certs/issue.ts";
import { followCertificate } from "../../cmd/qos-controller/certificate-files.ts";
import { type AgentServer, startAgentServer } from "../../src/agent/server.ts";
import type { ServingCertificate } from "../../src/http/serving.ts";

const closing: (() => unknown)[] = [];
let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "agent-certificate-"));
	closing.push(() => rmSync(dir, { recursive: true }));
});
afterEach(async () => {
	for (const close of closing.splice(0).toReversed()) await close();
});

async function issue() {
	const validity = { now: Date.now(), seconds: 3600 };
	const authority = await issueAuthority(validity);
	const leaf = await issueLeaf(authority, ["localhost"], validity);
	return { ca: authority.certificate, certificate: leaf.certificate, key: leaf.key };
}

async function serve(certificate: { certificate: string; key: string }): Promise<AgentServer> {
	const unused = () => {
		throw new Error("nobody is to be asked");
	};
	const server = await startAgentServer({
		host: "127.0.0.1",
		port: 0,
		certificate,
		operations: [],
		reviews: { authenticate: unused, isAllowed: unused },
		objectsAs: unused,
		version: "v0.0.0",
		clock: Date.now,
		logger: pino({ level: "silent" }),
	});
	closing.push(() => server.stop());
	return server;
}

/** Whether a new connection is trusted by an authority. */
async function isTrusted({ port }: AgentServer, ca: string): Promise<boolean> {
	const socket = connect({ host: "127.0.0.1", port, ca, servername: "localhost", rejectUnauthorized: false });
	await once(socket, "secureConnect");
	socket.destroy();
	return socket.authorized;
}

test("a renewed certificate is served to new connections; halves and nonsense are not, and are told of", async () => {
	const [first, second] = [await issue(), await issue()];
	const [certificateFile, keyFile] = [join(dir, "tls.crt"), join(dir, "tls.key")];
	const write = (certificate: string, key: string) => {
		writeFileSync(certificateFile, certificate);
		writeFileSync(keyFile, key);
	};
	write(first.certificate, first.key);
	const server = await serve(first);
	const failures: string[] = [];
	const onPair = vi.fn((pair: ServingCertificate) => server.updateCertificate(pair));
	const files = { certificateFile, keyFile, everyMs: 20 };
	closing.push(await followCertificate({ ...files, onPair, onFailure: (reason) => failures.push(reason) }));
	expect(await isTrusted(server, first.ca)).toBe(true);

	// With a key of the second here, a look between two writes would find the second certificate whole.
	for (const [certificate, key, reason] of [
		[second.certificate, first.key, "certificate and key do not belong together"],
		["nonsense", first.key, expect.stringContaining("PEM")],
	] as const) {
		write(certificate, key);
		await vi.waitFor(() => expect(failures).toContainEqual(reason));
		expect(await isTrusted(server, first.ca)).toBe(true);
	}
	write(second.certificate, second.key);
	await vi.waitFor(() => expect(onPair).toHaveBeenCalledTimes(2));
	expect(await isTrusted(server, first.ca)).toBe(false);
	expect(await isTrusted(server, second.ca)).toBe(true);
});

test("files that are missing are no certificate", async () => {
	const files = { certificateFile: join(dir, "none"), keyFile: join(dir, "none"), everyMs: 20 };
	const following = followCertificate({ ...files, onPair: () => undefined, onFailure: () => undefined });
	await expect(following).rejects.toThrow(/ENOENT/);
});
