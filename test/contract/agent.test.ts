import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deployment, policy } from "../e2e/harness/objects.ts";
import { type AgentStage, startAgentStage } from "./agent-support.ts";
import { expiredToken } from "./expired-token.ts";
import { eventually, migrationsServed } from "./kubernetes-support.ts";

let stage: AgentStage;

beforeAll(async () => {
	stage = await startAgentStage({
		sensors: {
			reactive_watch_qos: { action: "Predict", interval: { minutes: 5 } },
			nightly: { cron: { hour: 3, timezone: "Europe/Madrid" } },
		},
	});
});

afterAll(async () => {
	await stage?.stop();
});

const ALL = "/sensors/event/get/all";

async function jobs(namespace = "shop"): Promise<string[]> {
	const text = await stage.cluster.kubectl([
		"get",
		"qosjobs",
		"-n",
		namespace,
		"-o",
		"jsonpath={.items[*].metadata.name}",
	]);
	return text.split(" ").filter((name) => name !== "");
}

async function jsonOf(...args: string[]): Promise<Record<string, unknown>> {
	return JSON.parse(await stage.cluster.kubectl([...args, "-o", "json"]));
}

describe("who calls", () => {
	test("needs a token", async () => {
		const { status, headers, body } = await stage.call(ALL);
		expect(status).toBe(401);
		expect(headers.get("www-authenticate")).toMatch(/^Bearer/);
		expect(body).toEqual({ detail: expect.stringContaining("a bearer token is needed") });
	});

	test.each(["nonsense", "a.b.c"])("with the token %s is nobody", async (token) => {
		expect(await stage.call(ALL, { token })).toMatchObject({ status: 401, body: { detail: expect.any(String) } });
	});

	test("with a token for another audience is nobody", async () => {
		const token = await stage.cluster.kubectl(["create", "token", "admin", "-n", "shop", "--audience", "elsewhere"]);
		expect(await stage.call(ALL, { token: token.trim() })).toMatchObject({ status: 401 });
	});

	test("with a token that has expired is nobody, and told so", async () => {
		const token = expiredToken(stage.cluster, stage.tokens.admin);
		expect(await stage.call(ALL, { token })).toMatchObject({
			status: 401,
			body: { detail: "the token is not valid, has expired, or is not meant for the API server" },
		});
	});

	test("may do what RBAC lets them do, where it does", async () => {
		const { nobody, viewer, editor, admin } = stage.tokens;
		const cases = [
			[nobody, "GET", `${ALL}?namespace=shop`, 403],
			[viewer, "GET", `${ALL}?namespace=shop`, 200],
			[viewer, "GET", ALL, 403],
			[admin, "GET", ALL, 200],
			[viewer, "DELETE", "/sensors/event/remove?sensor_id=shop/none", 403],
			[editor, "DELETE", "/sensors/event/remove?sensor_id=shop/none", 404],
			[editor, "DELETE", "/sensors/event/remove?sensor_id=predict", 403],
			[viewer, "POST", "/sensors/event/add/interval?sensor_name=x&namespace=shop", 403],
			[editor, "POST", "/sensors/event/add/interval?sensor_name=nightly", 403],
			[editor, "DELETE", "/sensors/event/remove/all", 403],
			[editor, "GET", "/agent/inputs", 403],
			[viewer, "GET", "/agent/inputs", 200],
		] as const;
		for (const [token, method, path, status] of cases) {
			const answer = await stage.call(path, { token, method });
			expect({ method, path, status: answer.status }).toEqual({ method, path, status });
			if (status === 403)
				expect(answer.body).toEqual({ detail: expect.stringMatching(/^user "system:serviceaccount:shop:/) });
		}
	});

	test("no token is in the log", async () => {
		const log = await stage.controller.log();
		for (const token of Object.values(stage.tokens)) expect(log).not.toContain(token);
	});
});

describe("a sensor", () => {
	test("is added, runs, shows when it runs next, and is removed", async () => {
		const { editor: token } = stage.tokens;
		const add = "/sensors/event/add/interval?sensor_name=Watch_QoS&namespace=shop&action=Predict";
		const added = await stage.call(add, { method: "POST", token, json: { seconds: 2 } });
		expect(added).toMatchObject({
			status: 200,
			body: {
				detail: expect.stringMatching(/^Watch_QoS has been added\. first run will start at /),
				id: "shop/watch-qos",
			},
		});
		const job = await jsonOf("get", "qosjob", "watch-qos", "-n", "shop");
		expect(job).toMatchObject({ spec: { action: "Predict", interval: "2s", jitter: "0s" } });
		const ran = await eventually(async () => {
			const { body } = await stage.call("/sensors/event/get?sensor_id=shop/watch-qos", { token });
			const sensor = body as { next_run_time: string; last_run: object | null };
			return sensor.last_run === null ? undefined : sensor;
		}, 20);
		expect(ran).toMatchObject({
			id: "shop/watch-qos",
			name: "Watch_QoS",
			func_name: "Predict",
			trigger_str: "interval[0:00:02]",
			last_run: { result: "Succeeded" },
		});
		expect(Date.parse(ran.next_run_time)).toBeGreaterThan(Date.now() - 2_500);
		expect(await stage.call(add, { method: "POST", token, json: { seconds: 2 } })).toMatchObject({
			status: 409,
			body: { detail: expect.stringContaining("already exists; remove it first") },
		});
		const remove = "/sensors/event/remove?sensor_id=shop/watch-qos";
		expect(await stage.call(remove, { method: "DELETE", token })).toMatchObject({
			status: 200,
			body: { detail: "shop/watch-qos has been removed." },
		});
		expect(await jobs()).not.toContain("watch-qos");
		expect(await stage.call(remove, { method: "DELETE", token })).toMatchObject({ status: 404 });
	});

	test("of the configuration is added by its name alone, as the original's clients do", async () => {
		const { admin: token } = stage.tokens;
		const answer = await stage.call("/sensors/event/add/interval?sensor_name=reactive_watch_qos", {
			method: "POST",
			token,
		});
		expect(answer).toMatchObject({ status: 200, body: { id: "kubectl-qos-system/reactive-watch-qos" } });
		const { body } = await stage.call(ALL, { token });
		expect(body).toContainEqual(
			expect.objectContaining({ name: "reactive_watch_qos", func_name: "Predict", trigger_str: "interval[0:05:00]" }),
		);
		const wrong = await stage.call("/sensors/event/add/interval?sensor_name=nightly", { method: "POST", token });
		expect(wrong).toMatchObject({ status: 422, body: { detail: expect.stringContaining("trigger is not allowed") } });
		const unknown = await stage.call("/sensors/event/add/cron?sensor_name=toString", { method: "POST", token });
		expect(unknown).toMatchObject({ status: 404, body: { detail: expect.stringContaining("is not configured") } });
	});

	test("with a date and one with cron become what a QoSJob says", async () => {
		const { editor: token } = stage.tokens;
		const date = { run_date: "2099-07-01 08:00:00", timezone: "Europe/Madrid", jitter: 30 };
		await stage.call("/sensors/event/add/date?sensor_name=once&namespace=shop", { method: "POST", token, json: date });
		const cron = { hour: 3, day_of_week: "mon-fri", timezone: "Europe/Madrid" };
		await stage.call("/sensors/event/add/cron?sensor_name=nightly&namespace=shop", {
			method: "POST",
			token,
			json: cron,
		});
		expect(await jsonOf("get", "qosjob", "once", "-n", "shop")).toMatchObject({
			spec: { action: "Rebalance", at: "2099-07-01T06:00:00.000Z", jitter: "30s" },
		});
		expect(await jsonOf("get", "qosjob", "nightly", "-n", "shop")).toMatchObject({
			spec: { cron: "0 3 * * 1-5", timezone: "Europe/Madrid" },
		});
		const { body } = await stage.call(`${ALL}?namespace=shop`, { token });
		expect(
			(body as { next_run_time: string }[]).map((sensor) => sensor.next_run_time > new Date().toISOString()),
		).toEqual([true, true]);
		const answer = await stage.call("/sensors/event/remove/all?namespace=shop", { method: "DELETE", token });
		expect(answer.status, JSON.stringify(answer.body)).toBe(200);
		expect(await jobs()).toEqual([]);
	});

	test.each([
		["interval", { seconds: 5, end_date: "2027-01-01" }, 400, "body.end_date: cannot be mapped onto a QoSJob"],
		["interval", { seconds: "5" }, 400, "body.seconds: "],
		["interval", {}, 400, "an interval needs one of"],
		["cron", { hour: 3, year: 2027 }, 400, "body.year: cannot be mapped onto a QoSJob"],
		["cron", { hour: 3, timezone: "Mars/Base" }, 422, 'timezone "Mars/Base" is not an IANA time zone'],
		["date", { run_date: "soon" }, 400, "body.run_date: is not a time"],
		["date", { run_date: "2027-01-01", at: "x" }, 400, '"at"'],
		["date", "[", 400, "not a JSON object"],
	])("with the trigger %s %j is refused in one line", async (type, json, status, line) => {
		const path = `/sensors/event/add/${type}?sensor_name=bad&namespace=shop`;
		const answer = await stage.call(path, { method: "POST", token: stage.tokens.editor, json });
		expect(answer).toMatchObject({ status, body: { detail: expect.stringContaining(line) } });
		expect((answer.body as { detail: string }).detail).not.toContain("\n");
		expect(await jobs()).toEqual([]);
	});

	test("in a body without end is refused", async () => {
		const path = "/sensors/event/add/date?sensor_name=bad&namespace=shop";
		const json = { run_date: "x".repeat(70_000) };
		const answer = await stage.call(path, { method: "POST", token: stage.tokens.editor, json });
		expect(answer).toMatchObject({ status: 413, body: { detail: expect.stringContaining("too large") } });
	});

	test("of a namespace that is not there is refused", async () => {
		const path = "/sensors/event/add/interval?sensor_name=lost&namespace=nowhere";
		const answer = await stage.call(path, { method: "POST", token: stage.tokens.admin, json: { hours: 1 } });
		expect(answer).toMatchObject({ status: 404, body: { detail: expect.stringContaining("nowhere") } });
	});
});

describe("an analysis", () => {
	beforeAll(async () => {
		await migrationsServed(stage.cluster);
		const documents = [deployment({ namespace: "shop", name: "web" }), policy("shop", {}, "fast")];
		await stage.cluster.kubectl(["apply", "-f", "-"], documents.join("---\n"));
		await eventually(async () => {
			const { body } = await stage.call("/agent/inputs", { token: stage.tokens.admin });
			return (body as { workloads: unknown[] }).workloads[0];
		});
	});

	test("is a QoSMigration that says who asked for it", async () => {
		const { cluster, tokens, call } = stage;
		const json = { kwargs: { app_name: "web", qos_aggr: "max", nearbyone_env_password: "hunter2" } };
		const asked = () =>
			call("/sensors/analyze_proactive_qos?namespace=shop", { method: "POST", token: tokens.editor, json });
		// Whoever asks must be allowed to move it by hand.
		expect(await asked()).toMatchObject({
			status: 403,
			body: { detail: expect.stringContaining("cannot patch deployments") },
		});
		const role = ["create", "role", "patcher", "-n", "shop", "--verb=patch", "--resource=deployments.apps"];
		await cluster.kubectl(role);
		await cluster.kubectl([
			"create",
			"rolebinding",
			"patcher",
			"-n",
			"shop",
			"--role=patcher",
			"--serviceaccount=shop:editor",
		]);
		const answer = await eventually(async () => {
			const { status, body } = await asked();
			return status === 403 ? undefined : { status, body: body as { migration: string } };
		});
		expect(answer.status).toBe(200);
		const name = answer.body.migration.replace("shop/", "");
		expect(await jsonOf("get", "qosmigration", name, "-n", "shop")).toMatchObject({
			spec: { workload: "web", reason: "ProactiveAnalysis", requestedBy: "system:serviceaccount:shop:editor" },
		});
		expect(await stage.controller.log()).not.toContain("hunter2");
	});

	test("of an app that is not governed, or not named, is refused", async () => {
		const post = (path: string, json?: unknown) =>
			stage.call(path, { method: "POST", token: stage.tokens.admin, json });
		const path = "/sensors/analyze_reactive_qos";
		expect(await post(path, { kwargs: { app_name: "none" } })).toMatchObject({ status: 404 });
		expect(await post(path, { kwargs: { app_name: "shop/web" }, run_ids: ["abc"] })).toMatchObject({ status: 400 });
		expect(await post(path, { kwargs: {} })).toMatchObject({ status: 400 });
		expect(await post(path)).toMatchObject({ status: 400, body: { detail: "the body is missing; send JSON" } });
		expect(await post(path, { kwargs: { app_name: "shop/web" } })).toMatchObject({ status: 200 });
	});
});
