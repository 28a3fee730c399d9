import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PlacementDecision } from "../../src/core/admission/placement.ts";
import { createDecide } from "../../src/webhook/decide.ts";
import type { Decide } from "../../src/webhook/mutate.ts";
import { incoming, viewOf } from "../unit/admission/world.ts";
import { review } from "../unit/webhook/reviews.ts";
import { type Identity, newIdentity, serve, type TestWebhook } from "./webhook-client.ts";

const place: PlacementDecision = {
	kind: "Place",
	topologyKey: "kubernetes.io/hostname",
	domain: "node-1",
	node: "node-1",
	enforcement: "Required",
	record: { domain: "node-1", policy: "fast", observedAt: "2026-01-01T00:00:00Z" },
};

const never: Decide = () => new Promise<PlacementDecision>(() => undefined);

let identity: Identity;
let running: TestWebhook | undefined;

beforeAll(async () => {
	identity = await newIdentity();
});

afterEach(async () => {
	await running?.stop();
	running = undefined;
});

async function start(decide: Decide, more: Partial<Parameters<typeof serve>[1]> = {}): Promise<TestWebhook> {
	running = await serve(identity, { decide, ...more });
	return running;
}

async function answerTo(decide: Decide, request = {}, path = "/mutate") {
	const { call } = await start(decide);
	const reply = await call({ body: JSON.stringify(review(request)), path });
	expect(reply.status).toBe(200);
	return JSON.parse(reply.text);
}

describe("answers", () => {
	test("a placement is a JSON patch with the uid echoed", async () => {
		const answer = await answerTo(async () => place);
		expect(answer).toMatchObject({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" });
		const { patch, ...rest } = answer.response;
		expect(rest).toEqual({ uid: "review-1", allowed: true, patchType: "JSONPatch" });
		expect(JSON.parse(Buffer.from(patch, "base64").toString())).toEqual([
			{ op: "add", path: "/spec/nodeSelector", value: { "kubernetes.io/hostname": "node-1" } },
			{
				op: "add",
				path: "/metadata/annotations",
				value: { "kubectl-qos.dev/placement": JSON.stringify(place.record) },
			},
		]);
	});

	test("a skip allows, and warns only of what a policy asked for and did not get", async () => {
		const silent = await answerTo(async () => ({ kind: "Skip", reason: "NoPolicy", message: "none" }));
		expect(silent.response).toEqual({ uid: "review-1", allowed: true });
		await running?.stop();
		const loud = await answerTo(async () => ({ kind: "Skip", reason: "NoFeasibleNode", message: "0/3 nodes: 3 full" }));
		expect(loud.response).toEqual({
			uid: "review-1",
			allowed: true,
			warnings: ["kubectl-qos: not placed: 0/3 nodes: 3 full"],
		});
	});

	test("what creates no pod is allowed without being looked at", async () => {
		const answer = await answerTo(() => Promise.reject(new Error("asked")), { operation: "DELETE", object: null });
		expect(answer.response).toEqual({ uid: "review-1", allowed: true });
	});

	test("an error inside allows with a warning, and its details stay in the log", async () => {
		const answer = await answerTo(() => Promise.reject(new Error("secret detail")));
		expect(answer.response).toEqual({
			uid: "review-1",
			allowed: true,
			warnings: ["kubectl-qos: not placed, internal error: see the controller's log"],
		});
		expect(running?.logLines.join("")).toContain("secret detail");
	});

	test("a pod that cannot be read is allowed with a warning that says what is wrong with it", async () => {
		const answer = await answerTo(async () => place, { object: { metadata: {}, spec: { containers: 7 } } });
		expect(answer.response).toMatchObject({ uid: "review-1", allowed: true });
		expect(answer.response.patch).toBeUndefined();
		expect(answer.response.warnings[0]).toMatch(/^kubectl-qos: not placed: .*spec\.containers/);
		expect(await running?.registry.metrics()).toContain('result="error",reason="UnreadablePod"');
	});

	test("dry run is passed on", async () => {
		const asked: boolean[] = [];
		await answerTo(
			async (_, { dryRun }) => {
				asked.push(dryRun);
				return place;
			},
			{ dryRun: true },
		);
		expect(asked).toEqual([true]);
	});

	test("neither environment variables nor tokens are logged", async () => {
		const object = {
			metadata: { annotations: { token: "hidden" } },
			spec: { containers: [{ name: "main", env: [{ name: "PASSWORD", value: "hidden" }] }] },
		};
		await answerTo(async () => place, { object });
		expect(running?.logLines.join("")).toContain("pod placed");
		expect(running?.logLines.join("")).not.toMatch(/hidden|PASSWORD/);
	});
});

describe("the deadline", () => {
	test("stays below the API server's, and the decision is told that nobody waits", async () => {
		let signal: AbortSignal | undefined;
		const started = performance.now();
		const answer = await answerTo(
			(_, request) => {
				signal = request.signal;
				return never(incoming(), request);
			},
			{},
			"/mutate?timeout=1s",
		);
		expect(performance.now() - started).toBeLessThan(1000);
		expect(answer.response.allowed).toBe(true);
		expect(answer.response.patch).toBeUndefined();
		expect(answer.response.warnings).toEqual(["kubectl-qos: not placed, internal error: no decision within 800 ms"]);
		expect(signal?.aborted).toBe(true);
		expect(await running?.registry.metrics()).toContain('admission_total{result="deadline",reason="Deadline"} 1');
	});
});

describe("bad requests get one line of JSON", () => {
	const valid = JSON.stringify(review());

	test.each([
		["no JSON", 400, { body: "{" }],
		["JSON that is no review", 400, { body: "{}" }],
		["a bare value", 400, { body: "7" }],
		["an empty body", 400, { body: "" }],
		["another content type", 415, { body: valid, headers: { "content-type": "text/plain" } }],
		["compression", 415, { body: gzipSync(valid), headers: { "content-encoding": "gzip" } }],
		["a huge body", 413, { body: JSON.stringify(review({ object: "x".repeat(6 * 1024 * 1024) })) }],
		["another method", 405, { method: "GET" }],
		["another path", 404, { path: "/validate", body: valid }],
	])("%s -> %d", async (_, status, call) => {
		const { call: send } = await start(async () => place);
		const reply = await send(call);
		expect(reply.status).toBe(status);
		expect(reply.headers["content-type"]).toMatch(/^application\/json/);
		const { error } = JSON.parse(reply.text);
		expect(error).toMatch(/^[^\n]+$/);
		expect(reply.text).not.toMatch(/node_modules|at \w+/);
	});

	test("a pod of 3 MB is answered", async () => {
		const { call } = await start(async () => place);
		const env = [{ name: "BIG", value: "x".repeat(3 * 1024 * 1024) }];
		const object = { metadata: {}, spec: { containers: [{ name: "main", env }] } };
		expect((await call({ body: JSON.stringify(review({ object })) })).status).toBe(200);
	});
});

describe("the connection", () => {
	test("is TLS 1.2 at least", async () => {
		const { webhook } = await start(async () => place);
		const old = connect({
			port: webhook.port,
			host: "127.0.0.1",
			ca: identity.authority.certificate,
			minVersion: "TLSv1.1",
			maxVersion: "TLSv1.1",
			ciphers: "DEFAULT@SECLEVEL=0",
		});
		await expect(once(old, "secureConnect")).rejects.toThrow(/protocol version|wrong version|unsupported/i);
	});

	test("is kept for at least 90 s, which the API server counts on", async () => {
		const { call } = await start(async () => place);
		const { headers } = await call({ body: JSON.stringify(review()) });
		const [, seconds] = /timeout=(\d+)/.exec(String(headers["keep-alive"])) ?? [];
		expect(Number(seconds)).toBeGreaterThanOrEqual(90);
	});
});

describe("stopping", () => {
	test("serves on while it drains, sends clients elsewhere, finishes what is under way, then closes", async () => {
		const { promise, resolve } = Promise.withResolvers<PlacementDecision>();
		const { webhook, call } = await start(() => promise, { drainSeconds: 0.3 });
		expect(webhook.accepting).toBe(true);
		const underWay = call({ body: JSON.stringify(review()) });
		const stopped = webhook.stop();
		expect(webhook.accepting).toBe(false);
		await sleep(350);
		resolve(place);
		expect((await underWay).status).toBe(200);
		await stopped;
		await expect(call({ body: JSON.stringify(review()) })).rejects.toThrow(/ECONNREFUSED/);
	});

	test("asks clients to connect anew meanwhile", async () => {
		const { webhook, call } = await start(async () => place, { drainSeconds: 0.3 });
		const stopped = webhook.stop();
		const reply = await call({ body: JSON.stringify(review()) });
		expect(reply.status).toBe(200);
		expect(reply.headers["connection"]).toBe("close");
		await stopped;
	});
});

test("metrics tell results, reasons, durations and the certificate's expiry", async () => {
	await answerTo(async () => place);
	const metrics = await running?.registry.metrics();
	expect(metrics).toContain('kubectl_qos_admission_total{result="applied",reason="Required"} 1');
	expect(metrics).toContain("kubectl_qos_admission_duration_seconds_count 1");
	const [, left] = /kubectl_qos_certificate_expiry_seconds (\d+)/.exec(metrics ?? "") ?? [];
	expect(Number(left)).toBeGreaterThan(500);
	expect(Number(left)).toBeLessThanOrEqual(600);
});

describe("a Deployment that the caches do not know yet", () => {
	const view = viewOf({ a: { cpu: 1 } }, { resolve: () => ({ refused: true, reason: "NotFound", message: "none" }) });
	const unknown: PlacementDecision = { kind: "Skip", reason: "WorkloadNotCached", message: "not known yet" };
	const request = { dryRun: false, signal: new AbortController().signal };

	test("is waited for a moment where a policy asks for placement", async () => {
		const answers = [unknown, unknown, place];
		const decide = createDecide({ placer: { place: async () => answers.shift() ?? place }, view: () => view });
		expect(await decide(incoming(), request)).toEqual(place);
		expect(answers).toEqual([]);
	});

	test("is not waited for longer than 100 ms, nor without a policy", async () => {
		let asked = 0;
		const placer = {
			place: async () => {
				asked += 1;
				return unknown;
			},
		};
		const started = performance.now();
		expect(await createDecide({ placer, view: () => view })(incoming(), request)).toEqual(unknown);
		expect(performance.now() - started).toBeLessThan(200);
		expect(asked).toBeGreaterThan(2);
		asked = 0;
		await createDecide({ placer, view: () => view })(incoming({ namespace: "other" }), request);
		expect(asked).toBe(1);
	});
});
