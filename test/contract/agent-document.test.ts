import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deployment, policy } from "../e2e/harness/objects.ts";
import { type AgentStage, startAgentStage } from "./agent-support.ts";
import { eventually } from "./kubernetes-support.ts";
import { fuzz } from "./schemathesis/schemathesis.ts";

const ALL = "/sensors/event/get/all";

let stage: AgentStage;

beforeAll(async () => {
	stage = await startAgentStage();
	const documents = [deployment({ namespace: "shop", name: "web" }), policy("shop", {}, "fast")];
	await stage.cluster.kubectl(["apply", "-f", "-"], documents.join("---\n"));
	await eventually(async () => {
		const { body } = await stage.call("/agent/inputs", { token: stage.tokens.admin });
		return (body as { workloads?: unknown[] }).workloads?.[0];
	});
});

afterAll(async () => {
	await stage?.stop();
});

describe("the description", () => {
	test("has no secrets", async () => {
		const { viewer: token } = stage.tokens;
		const configuration = await stage.call("/agent/configuration", { token });
		expect(configuration).toMatchObject({
			status: 200,
			body: { namespace: "kubectl-qos-system", prometheus: { url: "http://127.0.0.1:9/" } },
		});
		const inputs = await stage.call("/agent/inputs", { token });
		expect(inputs.body).toMatchObject({
			metrics: expect.arrayContaining([expect.objectContaining({ name: "latency", unit: "seconds" })]),
			workloads: [expect.objectContaining({ workload: "shop/web", policy: "fast", model: "builtin:headroom" })],
		});
		const outputs = await stage.call("/agent/outputs", { token });
		expect(outputs.body).toMatchObject({
			destinations: expect.arrayContaining([expect.objectContaining({ kind: "QoSReport" })]),
		});
		for (const { body } of [configuration, inputs, outputs]) expect(JSON.stringify(body)).not.toContain("secret");
	});

	test("the document and its page are for everybody, and bring nothing from elsewhere", async () => {
		const document = await stage.call("/openapi.json");
		expect(document).toMatchObject({ status: 200, body: { openapi: "3.1.0" } });
		const page = await stage.call("/docs");
		expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; .*style-src 'sha256-/);
		expect(page.headers.get("x-content-type-options")).toBe("nosniff");
		const { paths } = document.body as { paths: Record<string, unknown> };
		for (const path of Object.keys(paths)) expect(page.body).toContain(path);
		expect(page.body).not.toMatch(/<script|src=|https?:\/\//);
	});
});

describe("what is not served", () => {
	test.each([
		["GET", "/nothing", 404],
		["GET", "/", 404],
		["GET", "/SENSORS/event/get/all", 404],
		["GET", "/%ff", 404],
		["PUT", "/sensors/event/get/all", 405],
		["GET", "/sensors/event/add/date", 405],
		["POST", "/openapi.json", 405],
	])("%s %s is answered with JSON", async (method, path, status) => {
		const answer = await stage.call(path, { method, token: stage.tokens.admin });
		expect(answer).toMatchObject({ status, body: { detail: expect.any(String) } });
		if (status === 405) expect(answer.headers.get("allow")).toMatch(/GET|POST/);
	});

	test("a body in another language is told so", async () => {
		const path = "/sensors/event/add/interval?sensor_name=x&namespace=shop";
		const { editor: token } = stage.tokens;
		for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
			const answer = await stage.call(path, {
				method: "POST",
				token,
				json: "seconds=1",
				headers: { "content-type": type },
			});
			expect(answer).toMatchObject({ status: 415, body: { detail: "the body must be application/json" } });
		}
	});

	test("plain HTTP is not", async () => {
		const dispatcher = new Agent();
		await expect(request(stage.url.replace("https", "http"), { dispatcher })).rejects.toThrow();
		await dispatcher.close();
	});
});

test("schemathesis finds nothing", { timeout: 180_000 }, async () => {
	const folder = await mkdtemp(join(stage.cluster.dir, "schemathesis-"));
	const { url, caFile, tokens } = stage;
	const { clean, report } = await fuzz({ url, caFile, token: tokens.admin, folder });
	expect(clean, report).toBe(true);
	expect(report).toMatch(/Operations: +14 selected/);
});

test("while the API server does not answer nobody gets in, and afterwards everybody does", async () => {
	const { cluster, tokens, call } = stage;
	await cluster.freezeProgram("kube-apiserver");
	try {
		const fresh = `${tokens.viewer}x`;
		expect(await call(ALL, { token: fresh })).toMatchObject({
			status: 503,
			body: { detail: expect.stringContaining("try again") },
		});
	} finally {
		await cluster.thawProgram("kube-apiserver");
	}
	await eventually(async () => ((await call(ALL, { token: tokens.admin })).status === 200 ? true : undefined), 20);
});
