import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueAuthority, issueLeaf } from "../../certs/issue.ts";
import { PrometheusClient, type PrometheusClientOptions } from "../../src/adapters/prometheus/client.ts";
import { freePorts } from "../cluster/ports.ts";
import { locateAll } from "../cluster/programs/programs.ts";
import { waitFor } from "../cluster/wait.ts";

/** Of the password `test`, from the documentation of Prometheus. */
const BCRYPT = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay";

const dir = mkdtempSync(join(tmpdir(), "prometheus-credentials-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, content: string): string {
	const path = join(dir, name);
	writeFileSync(path, content, { mode: 0o600 });
	return path;
}

async function answerOf(options: PrometheusClientOptions): Promise<unknown> {
	const client = new PrometheusClient(options);
	try {
		const now = Date.now();
		return await client.queryRange({ query: "vector(7)", start: now, end: now, stepSeconds: 1 });
	} finally {
		client.close();
	}
}

async function failureOf(options: PrometheusClientOptions): Promise<string> {
	try {
		await answerOf(options);
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
	throw new Error("it answered");
}

describe("a real Prometheus with TLS and basic authentication", () => {
	let prometheus: ChildProcess;
	let url: string;
	let caFile: string;

	beforeAll(async () => {
		const validity = { now: Date.now(), seconds: 3600 };
		const authority = await issueAuthority(validity);
		const leaf = await issueLeaf(authority, ["localhost"], validity);
		caFile = file("ca.pem", authority.certificate);
		const web = {
			tls_server_config: { cert_file: file("leaf.pem", leaf.certificate), key_file: file("leaf.key", leaf.key) },
			basic_auth_users: { reader: BCRYPT },
		};
		const [port] = await freePorts(1);
		url = `https://localhost:${port}`;
		prometheus = spawn(
			locateAll().prometheus,
			[
				`--config.file=${file("prometheus.yaml", "global: {}")}`,
				`--web.config.file=${file("web.yaml", JSON.stringify(web))}`,
				`--web.listen-address=127.0.0.1:${port}`,
				`--storage.tsdb.path=${join(dir, "data")}`,
			],
			{ stdio: "ignore" },
		);
		const options = { url, timeout: 5, caFile, username: "reader", passwordFile: file("password", "test\n") };
		await waitFor(() => answerOf(options).then(Array.isArray), { what: "Prometheus", timeoutMs: 30_000 });
	});

	afterAll(async () => {
		if (prometheus?.exitCode === null && prometheus.kill("SIGKILL")) await once(prometheus, "exit");
	});

	test("answers with its CA and the right password, from a file or the address", async () => {
		const answer = [{ metric: {}, values: [[expect.any(Number), 7]] }];
		const passwordFile = file("password", "test\n");
		expect(await answerOf({ url, timeout: 5, caFile, username: "reader", passwordFile })).toEqual(answer);
		expect(await answerOf({ url: url.replace("//", "//reader:test@"), timeout: 5, caFile })).toEqual(answer);
	});

	test("is not trusted without its CA", async () => {
		expect(await failureOf({ url: url.replace("//", "//reader:test@"), timeout: 5 })).toBe(
			`the certificate of ${url} is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE); check prometheus.caFile, and the name in prometheus.url`,
		);
	});

	test("refuses a wrong password, and the message does not hold it", async () => {
		const message = await failureOf({ url: url.replace("//", "//reader:secret@"), timeout: 5, caFile });
		expect(message).toBe(
			`${url} refused the credentials (status 401); set prometheus.bearerTokenFile, or username and passwordFile`,
		);
	});

	test("a file that cannot be read is named", async () => {
		expect(await failureOf({ url, timeout: 5, caFile: "/none.pem" })).toBe(
			"prometheus.caFile /none.pem cannot be read (ENOENT)",
		);
	});
});

test("a bearer token is read anew for every query", async () => {
	const seen: (string | undefined)[] = [];
	const server = http.createServer((request, response) => {
		seen.push(request.headers.authorization);
		response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}');
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const bearerTokenFile = file("token", "first\n");
	await answerOf({ url, timeout: 5, bearerTokenFile });
	file("token", "second");
	await answerOf({ url, timeout: 5, bearerTokenFile });
	expect(seen).toEqual(["Bearer first", "Bearer second"]);
	server.closeAllConnections();
	server.close();
});
