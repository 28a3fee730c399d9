import { describe, expect, it } from "vitest";
import type { ReportObject } from "./harness/kinds.ts";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import {
	migrationIn,
	migrationsOf,
	moreRuns,
	nextPodOf,
	nodeOf,
	placementOf,
	reportThat,
} from "./harness/workloads.ts";

const stage = useStage({
	nodes: [{ name: "node-1" }, { name: "node-2" }, { name: "node-3" }],
	world: {
		nodes: { "node-1": { background: 0.5 }, "node-2": { background: 1.5 }, "node-3": { background: 2 } },
		apps: {
			web: { serviceTime: "20ms", arrivalRate: 20 },
			silent: { serviceTime: "20ms", arrivalRate: 20 },
		},
	},
});

const WEB = ["shop", "web"] as const;
const SILENT = ["shop", "silent"] as const;
const APPS: readonly (readonly [string, string])[] = [WEB, SILENT];

type Status = NonNullable<ReportObject["status"]>;

function isUnknown({ decision }: Status): boolean {
	return decision.action === "Unknown";
}

function isMeasured({ current, decision }: Status): boolean {
	return current.measured !== undefined && decision.action !== "Unknown";
}

/** Nothing that is Unknown is shown as a number. */
function expectNoNumbers({ current, decision, recommended }: Status): void {
	expect(decision.reason).toMatch(/^Metrics(Stale|Absent)$/);
	expect(decision.message).not.toBe("");
	expect(current.measured).toBeUndefined();
	expect(current.measuredUnknown).toMatch(/^(Stale|Absent)$/);
	expect(recommended?.gain).not.toBe(0);
}

/** Soon a pod that is admitted stays as it is, for a reason that speaks of metrics: those of nodes may grow stale later. */
async function expectNotPlaced(): Promise<void> {
	const pod = await nextPodOf(stage, ...WEB);
	await stage.waitUntil(
		"pods are not placed",
		async () => {
			const before = await skippedForMetrics();
			const answer = await stage.api.create("Pod", "shop", pod, "dryRun=All");
			expect(placementOf(answer)).toBeUndefined();
			expect(answer.spec.nodeSelector).toBeUndefined();
			expect(await skippedForMetrics()).toBe(before + 1);
			return true;
		},
		5_000,
	);
}

async function skippedForMetrics(): Promise<number> {
	const reasons = ["MetricsStale", "MetricsAbsent"];
	const counts = reasons.map((reason) => stage.metric("kubectl_qos_admission_total", { result: "skipped", reason }));
	return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** The policy's condition Ready as JSON, its time of transition included, once it contains a text. */
function readyThat(contains: string): Promise<string> {
	return stage.waitUntil(`Ready with ${contains}`, async () => {
		const { status } = await stage.api.get("QoSPolicy", "shop", "fast");
		const ready = JSON.stringify(status?.conditions?.find(({ type }) => type === "Ready"));
		expect(ready).toContain(contains);
		return ready;
	});
}

/** For some rounds that could move something, nothing is moved. */
async function expectNoMoves(): Promise<void> {
	await moreRuns(stage, "rebalance", 3);
	expect(await stage.api.list("QoSMigration", "shop")).toEqual([]);
	for (const app of ["web", "silent"]) expect(await nodeOf(stage, "shop", app)).toBe("node-1");
}

describe("without measurements nothing is moved", () => {
	it("when Prometheus is down or hangs, although a node got crowded in the meantime", async () => {
		await stage.apply(
			namespace("shop"),
			policy("shop"),
			deployment({ namespace: "shop", name: "web" }),
			deployment({ namespace: "shop", name: "silent" }),
		);
		for (const app of APPS) {
			expect(await nodeOf(stage, ...app)).toBe("node-1");
			await reportThat(stage, app, "its measured latency", isMeasured);
		}
		await stage.cluster.stopProgram("prometheus");
		const stopped = await reportThat(stage, WEB, "Unknown", isUnknown);
		expectNoNumbers(stopped);
		const unavailable = await readyThat(`"reason":"PrometheusUnavailable"`);
		stage.world.update({ nodes: { "node-1": { background: 7.5 } } });
		await expectNoMoves();
		await expectNotPlaced();
		expect(await readyThat("")).toBe(unavailable);

		stage.world.update({ nodes: { "node-1": { background: 0.5 } } });
		await stage.cluster.startProgram("prometheus");
		for (const app of APPS) await reportThat(stage, app, "its measured latency again", isMeasured);
		await readyThat(`"status":"True"`);
		await stage.cluster.freezeProgram("prometheus");
		try {
			const frozen = await reportThat(stage, WEB, "Unknown", isUnknown);
			expectNoNumbers(frozen);
			await expectNotPlaced();
			for (const controller of stage.controllers) expect(await controller.probe("/livez")).toBe(200);
		} finally {
			await stage.cluster.thawProgram("prometheus");
		}
		for (const app of APPS) await reportThat(stage, app, "its measured latency again", isMeasured);
		expect(await stage.api.list("QoSMigration", "shop")).toEqual([]);
	});

	it("of an app whose exporter fell silent, while its neighbour moves", async () => {
		stage.exporters.silence(/namespace="shop",pod="silent-/);
		expectNoNumbers(await reportThat(stage, SILENT, "Unknown", isUnknown));
		await reportThat(stage, WEB, "its measured latency", isMeasured);
		stage.world.update({ nodes: { "node-1": { background: 7.5 } } });
		await migrationIn(stage, WEB, ["Succeeded"]);
		await moreRuns(stage, "rebalance", 2);
		expect(await migrationsOf(stage, ...SILENT)).toEqual([]);
		expect(await nodeOf(stage, ...SILENT)).toBe("node-1");
	});

	it("and is, once they are back", async () => {
		stage.exporters.silence(undefined);
		const moved = await migrationIn(stage, SILENT, ["Succeeded"]);
		expect(moved.status?.measured).toBeGreaterThan(0);
		expect(await nodeOf(stage, ...SILENT)).not.toBe("node-1");
	});
});
