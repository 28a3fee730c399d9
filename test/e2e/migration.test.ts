import { describe, expect, it } from "vitest";
import type { Metadata, MigrationObject } from "./harness/kinds.ts";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import {
	HOSTNAME,
	livePods,
	migrationIn,
	migrationsOf,
	moreRuns,
	nodeOf,
	placementOf,
	reasonOf,
	reportThat,
	running,
	runsOn,
	watchAvailability,
} from "./harness/workloads.ts";

const NODES = ["node-1", "node-2", "node-3", "node-4"] as const;
const WIDE = ["wide-1", "wide-2", "wide-3", "wide-4"] as const;
const TARGET = 0.1;

const stage = useStage({
	nodes: [...NODES.map((name) => ({ name })), ...WIDE.map((name) => ({ name, labels: { tier: "wide" } }))],
	world: {
		nodes: {
			"node-1": { background: 0.5 },
			"node-2": { background: 2 },
			"node-3": { background: 2.5 },
			"node-4": { background: 3 },
			"wide-1": { background: 4 },
			"wide-2": { background: 4 },
			"wide-3": { background: 4.5 },
			"wide-4": { background: 4.5 },
		},
		apps: {
			web: { serviceTime: "20ms", arrivalRate: 20 },
			wide: { serviceTime: "20ms", arrivalRate: 60 },
			neighbour: { serviceTime: "100ms", arrivalRate: 0 },
		},
	},
	// Long enough for a rollout to be watched.
	cluster: { containerStartupSeconds: 1 },
});

const WEB = ["shop", "web"] as const;

/** The Deployment remembers that the key held nothing before our first pin. */
function expectNothingBefore({ annotations }: Metadata): void {
	const previous = JSON.parse(annotations?.["kubectl-qos.dev/previous-placement"] ?? "{}");
	expect({ ...previous, value: previous.value ?? null }).toEqual({ topologyKey: HOSTNAME, value: null });
}

function ended(app: readonly [string, string], phase: string): Promise<MigrationObject> {
	return migrationIn(stage, app, [phase], 90_000);
}

describe("migration", () => {
	it("leaves a noisy neighbour before the objective breaks, without an unavailable moment", async () => {
		await stage.apply(
			namespace("shop"),
			namespace("noise", {}),
			policy("shop"),
			deployment({ namespace: "shop", name: "web" }),
		);
		expect(await nodeOf(stage, ...WEB)).toBe("node-1");
		await reportThat(stage, WEB, "its measured latency", ({ current }) => current.measured !== undefined);
		const watch = await watchAvailability(stage, ...WEB);
		await stage.apply(
			deployment({
				namespace: "noise",
				name: "neighbour",
				cpu: "100m",
				podSpec: { nodeSelector: { [HOSTNAME]: "node-1" } },
			}),
		);
		await running(stage, "noise", "neighbour");
		stage.world.update({ apps: { neighbour: { arrivalRate: 72 } } });

		const moved = await ended(WEB, "Succeeded");
		watch.stop();
		expect(moved.status).toMatchObject({ from: "node-1", to: "node-2" });
		expect(moved.metadata.labels).toMatchObject({ "kubectl-qos.dev/automatic": "true" });
		expect(moved.spec.requestedBy).toBe("system:serviceaccount:kubectl-qos-system:kubectl-qos-controller");
		expect(watch.least).toBeGreaterThanOrEqual(1);

		const { promised, measured = Number.NaN, measuredBefore = Number.NaN } = moved.status ?? {};
		expect(promised?.value).toBeLessThan(TARGET);
		expect(measured).toBeLessThan(TARGET);
		expect(measured).toBeLessThan(measuredBefore);
		const truth = stage.world.truth("shop/web")?.current?.latency ?? Number.NaN;
		expect(measured / truth).toBeGreaterThan(0.8);
		expect(measured / truth).toBeLessThan(1.25);

		expect(await nodeOf(stage, ...WEB)).toBe("node-2");
		const { metadata, spec } = await stage.api.get("Deployment", ...WEB);
		expect(spec.template.spec.nodeSelector).toEqual({ [HOSTNAME]: "node-2" });
		expect(placementOf(spec.template)).toMatchObject({ domain: "node-2", migration: moved.metadata.name });
		expectNothingBefore(metadata);
		await stage.waitUntil("its events", async () => {
			const events = await stage.api.list("Event", "shop");
			const reasons = events.filter(({ regarding }) => regarding?.name === "web").map(({ reason }) => reason);
			expect(reasons).toEqual(expect.arrayContaining(["QoSMigrating", "QoSMigrated"]));
			return true;
		});
		expect(await stage.metric("kubectl_qos_migrations_total", { result: "Succeeded" })).toBe(1);
	});

	it("stays there: one cause, one move", async () => {
		await moreRuns(stage, "rebalance", 3);
		expect(await migrationsOf(stage, ...WEB)).toHaveLength(1);
		expect(await nodeOf(stage, ...WEB)).toBe("node-2");
	});

	it("goes where a user sends it", async () => {
		const run = await stage.qos("migrate", "deploy/web", "-n", "shop", "--to", "node-3", "--force", "--yes");
		expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining("node-2 -> node-3, promised ") });
		expect(await nodeOf(stage, ...WEB)).toBe("node-3");
		const newest = (await migrationsOf(stage, ...WEB)).at(-1);
		expect(newest?.spec).toMatchObject({ to: "node-3", requestedBy: "admin" });
		expect(newest?.status).toMatchObject({ phase: "Succeeded", measured: expect.any(Number) });
		// What the key held before our first pin, not what our last one said.
		const { metadata } = await stage.api.get("Deployment", ...WEB);
		expectNothingBefore(metadata);
	});

	it("is refused where it cannot run, however much it is forced", async () => {
		await stage.cluster.cordon("node-4");
		const before = await stage.api.get("Deployment", ...WEB);
		const run = await stage.qos("migrate", "deploy/web", "-n", "shop", "--to", "node-4", "--force", "--yes");
		expect(run.code).not.toBe(0);
		expect(run.stderr).toContain("unschedulable");
		const object = {
			apiVersion: "kubectl-qos.dev/v1alpha1",
			kind: "QoSMigration",
			metadata: { generateName: "web-" },
			spec: { workload: "web", to: "node-4", override: ["Cooldown", "MinGain", "Confidence", "Disruption"] },
		};
		const created = await stage.api.create("QoSMigration", "shop", object);
		const rejected = await stage.waitUntil("the rejection", async () => {
			const { status } = await stage.api.get("QoSMigration", "shop", created.metadata.name);
			return status?.phase === "Rejected" ? { status } : undefined;
		});
		expect(reasonOf(rejected)).toMatch(/^NodeUnschedulable: node node-4: .*unschedulable/);
		const after = await stage.api.get("Deployment", ...WEB);
		expect(after.metadata.generation).toBe(before.metadata.generation);
		await stage.cluster.uncordon("node-4");
	});

	it("goes back when the new place turns out worse", async () => {
		await stage.apply(policy("shop", { mode: "Initial" }));
		const from = await nodeOf(stage, ...WEB);
		const watch = await watchAvailability(stage, ...WEB);
		const run = stage.qos("migrate", "deploy/web", "-n", "shop", "--to", "node-4", "--force", "--yes");
		await migrationIn(stage, WEB, ["Rolling"]);
		stage.world.update({ nodes: { "node-4": { background: 7.4 } } });
		expect(await run).toMatchObject({ stderr: expect.stringContaining("Reverted"), code: expect.any(Number) });
		watch.stop();
		const reverted = await ended(WEB, "Reverted");
		expect(reverted.status).toMatchObject({ from, to: "node-4" });
		expect(reverted.status?.measured).toBeGreaterThan(reverted.status?.promised?.upper ?? Number.NaN);
		expect(reasonOf(reverted)).toMatch(/^WorseThanBefore: .*promised/);
		expect(await runsOn(stage, WEB, [from])).toBe(from);
		expect(watch.least).toBeGreaterThanOrEqual(1);
		const status = await reportThat(
			stage,
			WEB,
			"the quarantine",
			({ nodes }) => nodes?.some(({ name, feasible }) => name === "node-4" && !feasible) === true,
		);
		expect(status.nodes?.find(({ name }) => name === "node-4")?.reason).toBe("Quarantined");
	});

	it("is undone when somebody cancels it, and the place is not blamed", async () => {
		const from = await nodeOf(stage, ...WEB);
		const to = from === "node-2" ? "node-3" : "node-2";
		const run = stage.qos("migrate", "deploy/web", "-n", "shop", "--to", to, "--force", "--yes");
		await migrationIn(stage, WEB, ["Rolling", "Verifying"]);
		const cancel = await stage.qos("migrate", "deploy/web", "-n", "shop", "--cancel");
		expect(cancel).toMatchObject({ code: 0, stdout: expect.stringContaining(" cancelled\n") });
		expect(await run).toMatchObject({ code: 1, stderr: expect.stringContaining("Cancelled: cancelled by admin") });
		const newest = (await migrationsOf(stage, ...WEB)).at(-1);
		expect(newest?.status).toMatchObject({ phase: "Reverted", from, to });
		expect(await runsOn(stage, WEB, [from])).toBe(from);
		const { nodes } = await reportThat(stage, WEB, "a fresh look", ({ current }) => current.node === from);
		expect(nodes?.find(({ name }) => name === to)?.feasible).toBe(true);
	});

	it("goes back where the last move took it from", async () => {
		const from = await nodeOf(stage, ...WEB);
		const to = from === "node-2" ? "node-3" : "node-2";
		const there = await stage.qos("migrate", "deploy/web", "-n", "shop", "--to", to, "--force", "--yes");
		expect(there.code).toBe(0);
		const back = await stage.qos("migrate", "deploy/web", "-n", "shop", "--revert", "--yes");
		expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining(`${to} -> ${from}, promised `) });
		expect(await nodeOf(stage, ...WEB)).toBe(from);
	});

	it("rolls a Deployment of several replicas, whose pods are placed one by one", async () => {
		await stage.apply(
			namespace("wide"),
			policy("wide", { placement: { candidates: { matchLabels: { tier: "wide" } } } }),
			deployment({ namespace: "wide", name: "wide", replicas: 2 }),
		);
		const first = await running(stage, "wide", "wide", 2);
		expect(new Set(first.map(({ spec }) => spec.nodeName))).toEqual(new Set(["wide-1", "wide-2"]));
		await reportThat(stage, ["wide", "wide"], "its measured latency", ({ current }) => current.measured !== undefined);
		const watch = await watchAvailability(stage, "wide", "wide");
		stage.world.update({ nodes: { "wide-1": { background: 7.7 }, "wide-2": { background: 7.7 } } });
		await ended(["wide", "wide"], "Succeeded");
		watch.stop();
		const pods = await livePods(stage, "wide", "wide");
		for (const pod of pods) expect(["wide-3", "wide-4"]).toContain(pod.spec.nodeName);
		for (const pod of pods) expect(placementOf(pod)?.domain).toBe(pod.spec.nodeName);
		const { spec } = await stage.api.get("Deployment", "wide", "wide");
		expect(spec.template.spec.nodeSelector).toBeUndefined();
		expect(watch.least).toBeGreaterThanOrEqual(1);
	});

	it("spreads the pods of such a rollout", async () => {
		const pods = await running(stage, "wide", "wide", 2);
		expect(new Set(pods.map(({ spec }) => spec.nodeName))).toEqual(new Set(["wide-3", "wide-4"]));
	});
});
