import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ControllerProcess } from "./harness/controller.ts";
import { CONTROLLER_NAMESPACE } from "./harness/installation.ts";
import { parseMetrics, sumOf } from "./harness/metrics-text.ts";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import { moreRuns, nodeOf, placementOf, reasonOf, running, runsOn } from "./harness/workloads.ts";

const stage = useStage({
	nodes: [{ name: "node-1" }, { name: "node-2" }],
	world: {
		nodes: { "node-1": { background: 1 }, "node-2": { background: 5 } },
		apps: { api: { serviceTime: "20ms", arrivalRate: 20 } },
	},
	controllers: 2,
	configuration: { agent: { enabled: true, host: "127.0.0.1", port: 0, plainHttp: true } },
});

/** As in the harness's configuration. */
const LEASE_MS = 3_000;
const RETRY_MS = 500;
const SLACK_MS = 1_500;

async function valueOf(controller: ControllerProcess, name: string, labels?: Record<string, string>): Promise<number> {
	return sumOf(parseMetrics(await controller.metrics()), name, labels);
}

async function leaders(): Promise<readonly ControllerProcess[]> {
	const leading = await Promise.all(
		stage.controllers.map((controller) => valueOf(controller, "kubectl_qos_leader").catch(() => 0)),
	);
	return stage.controllers.filter((_, index) => leading[index] === 1);
}

function oneLeader(): Promise<ControllerProcess> {
	return stage.waitUntil("one replica leads", async () => {
		const leading = await leaders();
		if (leading.length > 1) throw new Error("two replicas lead");
		return leading[0];
	});
}

/** Waits for another leader than this one; resolves to the ms it took since `start`. */
async function handedOver(from: ControllerProcess, start: number): Promise<number> {
	await stage.waitUntil("another replica leads", async () => {
		const [leader] = await leaders();
		return leader && leader.pid !== from.pid ? leader : undefined;
	});
	return performance.now() - start;
}

async function holder(): Promise<string> {
	return (await stage.api.get("Lease", CONTROLLER_NAMESPACE, "kubectl-qos")).spec.holderIdentity ?? "";
}

describe("two replicas", () => {
	it("both answer the webhook, one runs the timer", async () => {
		await stage.apply(
			namespace("shop"),
			policy("shop"),
			deployment({ namespace: "shop", name: "web", replicas: 16, cpu: "100m" }),
		);
		const pods = await running(stage, "shop", "web", 16);
		expect(pods.filter((pod) => placementOf(pod) === undefined)).toEqual([]);
		for (const controller of stage.controllers) {
			const placed = await valueOf(controller, "kubectl_qos_admission_total", { result: "applied" });
			expect({ name: controller.name, placed: placed > 0 }).toEqual({ name: controller.name, placed: true });
		}
		const leader = await oneLeader();
		await moreRuns(stage, "predict", 2);
		const [follower] = stage.controllers.filter(({ pid }) => pid !== leader.pid);
		expect(
			follower && (await valueOf(follower, "kubectl_qos_cycle_duration_seconds_count", { action: "Predict" })),
		).toBe(0);
	});

	it("hand over within the Lease's time when the leader is killed", async () => {
		const leader = await oneLeader();
		const before = await holder();
		const start = performance.now();
		await leader.kill();
		const took = await handedOver(leader, start);
		expect(took).toBeLessThan(LEASE_MS + RETRY_MS + SLACK_MS);
		// Not before the Lease has run out either: the old leader might still be alive, and only be slow.
		expect(took).toBeGreaterThan(LEASE_MS - RETRY_MS - SLACK_MS);
		expect(await holder()).not.toBe(before);
		await moreRuns(stage, "predict", 2);
		await stage.apply(deployment({ namespace: "shop", name: "after-kill" }));
		const [pod] = await running(stage, "shop", "after-kill");
		expect(pod && placementOf(pod)).toBeDefined();
		await stage.restart(stage.controllers.indexOf(leader));
	});

	it("hand over at once when the leader is asked to stop", async () => {
		const leader = await oneLeader();
		const before = await holder();
		const holders: string[] = [];
		const key = { namespace: CONTROLLER_NAMESPACE, name: "kubectl-qos" };
		const end = stage.api.watch("Lease", key, ({ spec }) => {
			const identity = spec.holderIdentity ?? "";
			if (holders.at(-1) !== identity) holders.push(identity);
		});
		await stage.waitUntil("the watch has begun", async () => (holders.length > 0 ? true : undefined));
		const code = leader.stop();
		await handedOver(leader, performance.now());
		end();
		// Given back, not run out: how long that takes depends on the machine.
		expect(holders).toEqual([before, "", await holder()]);
		expect(await code).toBe(0);
		await moreRuns(stage, "predict", 2);
		await stage.restart(stage.controllers.indexOf(leader));
	});
});

/** Calls the agent's API of one replica as the cluster's administrator. */
async function agent<T>(controller: ControllerProcess | undefined, path: string, body?: object): Promise<T> {
	const log = (await controller?.log()) ?? "";
	// The newest process of the replica.
	const line = log.split("\n").findLast((text) => text.includes("the agent's API is served")) ?? "{}";
	const { port } = z.object({ port: z.int() }).parse(JSON.parse(line));
	const token = await stage.cluster.kubectl(["create", "token", "agent", "-n", CONTROLLER_NAMESPACE]);
	const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
		headers: { authorization: `Bearer ${token.trim()}`, "content-type": "application/json" },
		...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
	});
	const text = await answer.text();
	if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
	return JSON.parse(text);
}

describe("the agent's API of two replicas, over plain HTTP", () => {
	it("a sensor that is added at one runs, and is told of by the other", async () => {
		await stage.cluster.kubectl(["create", "serviceaccount", "agent", "-n", CONTROLLER_NAMESPACE]);
		const administrator = ["--clusterrole=cluster-admin", `--serviceaccount=${CONTROLLER_NAMESPACE}:agent`];
		await stage.cluster.kubectl(["create", "clusterrolebinding", "agent", ...administrator]);
		const leader = await oneLeader();
		const follower = stage.controllers.find(({ pid }) => pid !== leader.pid);
		await agent(follower, "/sensors/event/add/interval?sensor_name=watch_qos&action=Predict", { seconds: 1 });
		await stage.waitUntil("it ran", async () => {
			const id = `${CONTROLLER_NAMESPACE}/watch-qos`;
			const sensor = await agent<{ last_run: object | null }>(leader, `/sensors/event/get?sensor_id=${id}`);
			return sensor.last_run ?? undefined;
		});
	});

	it("an analysis that is asked for at the follower moves an app that nothing else moves", {
		timeout: 240_000,
	}, async () => {
		const app = ["asked", "api"] as const;
		const places = policy("asked", { mode: "Initial" });
		await stage.apply(namespace("asked"), places, deployment({ namespace: "asked", name: "api" }));
		const from = await nodeOf(stage, ...app);
		const to = from === "node-1" ? "node-2" : "node-1";
		stage.world.update({ nodes: { [from]: { background: 7 }, [to]: { background: 0.5 } } });
		const surelyBetter = async () => {
			const { current, nodes: [best] = [] } = (await stage.api.get("QoSReport", ...app)).status ?? {};
			// Surely: what counts is the gain between the near ends of the two intervals.
			const isSure = best?.name === to && (current?.predicted?.lower ?? 0) > 1.5 * (best.predicted?.upper ?? 1);
			if (isSure) return true;
			throw new Error(`it shows ${JSON.stringify({ current, best })}`);
		};
		await stage.waitUntil("the report shows that it would surely gain elsewhere", surelyBetter, 150_000);
		expect(await stage.api.list("QoSMigration", "asked")).toEqual([]);
		expect(await nodeOf(stage, ...app)).toBe(from);

		const leader = await oneLeader();
		const follower = stage.controllers.find(({ pid }) => pid !== leader.pid);
		const answer = await agent<{ migration: string }>(follower, "/sensors/analyze_reactive_qos", {
			kwargs: { app_name: "asked/api" },
		});
		const name = answer.migration.split("/").at(-1) ?? "";
		await stage.waitUntil("the migration has succeeded", async () => {
			const migration = await stage.api.get("QoSMigration", "asked", name);
			if (migration.status?.phase === "Succeeded") return true;
			throw new Error(`${migration.status?.phase} ${reasonOf(migration)}`);
		});
		expect(await runsOn(stage, app, [to])).toBe(to);
	});
});
