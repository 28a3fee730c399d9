import { describe, expect, it } from "vitest";
import { explainWorkload } from "../../../cmd/kubectl-qos/commands/explain/sentences.ts";
import { predictionLayout } from "../../../cmd/kubectl-qos/commands/predict/table.ts";
import { reportObject } from "../../../cmd/kubectl-qos/commands/reading.ts";
import { recommendationTable } from "../../../cmd/kubectl-qos/commands/recommend/table.ts";
import { Remarks } from "../../../cmd/kubectl-qos/commands/remarks.ts";
import { sloVerdict } from "../../../cmd/kubectl-qos/commands/slo.ts";
import { statusTable } from "../../../cmd/kubectl-qos/commands/status/table.ts";
import { formatTable, type Table } from "../../../cmd/kubectl-qos/output/table.ts";
import type { Lookup } from "../../../cmd/kubectl-qos/resources/workloads.ts";
import type { Migration } from "../../../src/core/migration/migration.ts";
import { NOW, STATUS, workload } from "./workloads.ts";

const PLAIN = { wide: false, namespaces: false, now: NOW };
const predictionTable = predictionLayout({ top: Number.POSITIVE_INFINITY, nodes: [] }, () => {});

function remarks(lookup: Lookup, namespace: string | undefined, now: number): readonly string[] {
	const gathered = new Remarks();
	gathered.add(lookup, now);
	return gathered.lines(namespace);
}
const STALE = { observedAt: "2026-01-01T11:51:00Z" };

function text(table: Table): string {
	return `\n${formatTable(table, true)}`;
}

describe("predict", () => {
	it("shows each node, best first, the current one marked", () => {
		expect(text(predictionTable([workload({})], PLAIN))).toBe(`
NAME   NODE      PREDICTED   INTERVAL    SLO         FEASIBLE   AGE
web    edge-2    30ms        29-31ms     ok          True       20s
web    edge-1*   41ms        36-47ms     ok          True       20s
web    edge-3    <unknown>   <unknown>   <unknown>   True       20s
web    edge-7    61ms        50-70ms     breach      False      20s
`);
	});

	it("shows the best nodes and where it runs, and tells how many are left out", () => {
		let hidden = 0;
		const best = predictionLayout({ top: 1, nodes: [] }, (count) => void (hidden += count));
		expect(text(best([workload({})], PLAIN))).toBe(`
NAME   NODE      PREDICTED   INTERVAL   SLO   FEASIBLE   AGE
web    edge-2    30ms        29-31ms    ok    True       20s
web    edge-1*   41ms        36-47ms    ok    True       20s
`);
		expect(hidden).toBe(2);
	});

	it("shows the nodes that are asked for, unknown where the report does not have them", () => {
		const chosen = predictionLayout({ top: 1, nodes: ["edge-7", "edge-9"] }, () => {});
		expect(text(chosen([workload({})], PLAIN))).toBe(`
NAME   NODE     PREDICTED   INTERVAL    SLO         FEASIBLE    AGE
web    edge-7   61ms        50-70ms     breach      False       20s
web    edge-9   <unknown>   <unknown>   <unknown>   <unknown>   20s
`);
	});

	it("tells namespaces with -A and reasons with -o wide", () => {
		expect(
			text(predictionTable([workload({ nodes: STATUS.nodes.slice(2) })], { ...PLAIN, wide: true, namespaces: true })),
		).toBe(`
NAMESPACE   NAME   NODE     PREDICTED   INTERVAL    SLO         FEASIBLE   AGE   DOMAIN   RANK     MODEL        REASON
shop        web    edge-3   <unknown>   <unknown>   <unknown>   True       20s   edge-3   <none>   headroom:1   <none>
shop        web    edge-7   61ms        50-70ms     breach      False      20s   edge-7   <none>   headroom:1   NodeUnschedulable
`);
	});

	it("shows nothing of a stale report but where the Deployment is", () => {
		expect(text(predictionTable([workload(STALE)], PLAIN))).toBe(`
NAME   NODE      PREDICTED   INTERVAL    SLO         FEASIBLE    AGE
web    edge-1*   <unknown>   <unknown>   <unknown>   <unknown>   9m (stale)
`);
	});

	it("shows a Deployment without a report as unknown", () => {
		expect(text(predictionTable([workload(undefined)], PLAIN))).toBe(`
NAME   NODE        PREDICTED   INTERVAL    SLO         FEASIBLE    AGE
web    <unknown>   <unknown>   <unknown>   <unknown>   <unknown>   <unknown>
`);
	});
});

describe("recommend", () => {
	it("shows action, gain and reason", () => {
		expect(text(recommendationTable([workload({})], PLAIN))).toBe(`
NAME   CURRENT   RECOMMENDED   GAIN   ACTION   REASON
web    edge-1    edge-2        22%    Move     GainAboveMargin
`);
	});

	it("stays when the report is stale, whatever it says", () => {
		expect(text(recommendationTable([workload(STALE)], PLAIN))).toBe(`
NAME   CURRENT   RECOMMENDED   GAIN        ACTION   REASON
web    edge-1    <none>        <unknown>   Stay     PredictionStale
`);
	});

	it("takes a time that cannot be read for stale", () => {
		expect(recommendationTable([workload({ observedAt: "soon" })], PLAIN).rows[0]).toContain("PredictionStale");
	});

	it("names the place as migrate --to takes it", () => {
		const zoned = workload({
			current: { node: "n1", domain: "zone-a" },
			recommended: { node: "n9", domain: "zone-b" },
		});
		expect(recommendationTable([zoned], PLAIN).rows[0]?.slice(1, 4)).toEqual(["zone-a", "zone-b", "<unknown>"]);
	});

	it("shows no gain where there is none to be had", () => {
		const best = workload({
			recommended: undefined,
			decision: { action: "Stay", reason: "AlreadyBest", message: "" },
		});
		expect(recommendationTable([best], PLAIN).rows[0]?.slice(2, 4)).toEqual(["<none>", "<none>"]);
	});

	it("says why there is no report", () => {
		expect(recommendationTable([workload(undefined, false)], PLAIN).rows[0]?.at(-1)).toBe("NoPolicy");
		expect(recommendationTable([workload(undefined)], PLAIN).rows[0]?.at(-1)).toBe("NotReported");
	});
});

describe("status", () => {
	const migration: Migration = {
		namespace: "shop",
		name: "web-1",
		uid: "m",
		resourceVersion: "1",
		createdAt: NOW - 60_000,
		workload: "shop/web",
		to: "edge-1",
		override: [],
		reason: "",
		requestedBy: "jane",
		automatic: false,
		cancelledBy: undefined,
		status: {
			phase: "Succeeded",
			from: "edge-7",
			to: "edge-1",
			promised: { value: 0.04, lower: 0.03, upper: 0.05 },
			measuredBefore: 0.08,
			measured: 0.042,
			startedAt: undefined,
			rolledOutAt: undefined,
			completedAt: undefined,
			reason: "Verified",
			message: "as promised",
		},
	};

	it("shows what is measured, and promise against delivery of the last move", () => {
		const rows = [{ workload: workload({}), last: { value: migration, object: {} } }];
		expect(text(statusTable(rows, PLAIN))).toBe(`
NAME   NODE     MODE   MEASURED   TARGET   SLO   AGE   MOVE             PHASE       PROMISED   DELIVERED
web    edge-1   Auto   48ms       50ms     ok    20s   edge-7->edge-1   Succeeded   40ms       42ms
`);
	});

	it("shows a stale report's measurement as unknown, and no move as none", () => {
		const rows = [{ workload: workload(STALE), last: undefined }];
		expect(text(statusTable(rows, PLAIN))).toBe(`
NAME   NODE     MODE   MEASURED    TARGET   SLO         AGE          MOVE     PHASE    PROMISED   DELIVERED
web    edge-1   Auto   <unknown>   50ms     <unknown>   9m (stale)   <none>   <none>   <none>     <none>
`);
	});
});

describe("reportObject", () => {
	it("is the server's object when fresh", () => {
		const fresh = workload({});
		expect(reportObject(fresh, NOW)).toBe(fresh.report?.object);
	});

	it("holds nothing to act on when stale", () => {
		const object = JSON.parse(JSON.stringify(reportObject(workload(STALE), NOW)));
		expect(object.metadata.uid).toBe("1");
		expect(object.status.decision).toMatchObject({ action: "Stay", reason: "PredictionStale" });
		expect(object.status.recommended).toBeUndefined();
		expect(object.status.nodes).toEqual([]);
		expect(object.status.current).toEqual({ node: "edge-1", measuredUnknown: "Stale" });
	});

	it("holds nothing to act on when it is from the future, but for what clocks may differ by", () => {
		const observed = (time: number) => workload({ observedAt: new Date(time).toISOString() });
		const object = JSON.parse(JSON.stringify(reportObject(observed(NOW + 3_600_000), NOW)));
		expect(object.status.nodes).toEqual([]);
		expect(object.status.decision.message).toMatch(/^the report is from the future, by 60m: check the clocks/);
		const fresh = observed(NOW + 30_000);
		expect(reportObject(fresh, NOW)).toBe(fresh.report?.object);
	});

	it("says Unknown with the reason when there is none", () => {
		expect(reportObject(workload(undefined, false), NOW)).toMatchObject({
			kind: "QoSReport",
			metadata: { name: "web", namespace: "shop" },
			status: { decision: { action: "Unknown", reason: "NoPolicy" } },
		});
	});
});

describe("remarks", () => {
	const nothing = { workloads: [], failures: [], ungoverned: 0 };

	it("uses kubectl's words when there is nothing", () => {
		expect(remarks(nothing, "shop", NOW)).toEqual(["No resources found in shop namespace."]);
		expect(remarks(nothing, undefined, NOW)).toEqual(["No resources found"]);
		expect(remarks({ ...nothing, ungoverned: 3 }, "shop", NOW)).toHaveLength(2);
	});

	it("says which policy a Deployment without a report would need", () => {
		const [line] = remarks({ ...nothing, workloads: [workload(undefined, false)] }, "shop", NOW);
		expect(line).toBe(
			'hint: no QoSPolicy selects deployment "web" in namespace "shop"; create one there: spec.workloadSelector must match app=web',
		);
	});

	it("warns of stale reports", () => {
		expect(remarks({ ...nothing, workloads: [workload(STALE)] }, "shop", NOW)[0]).toMatch(
			/^warning: 1 report is stale/,
		);
		expect(remarks({ ...nothing, workloads: [workload({})] }, "shop", NOW)).toEqual([]);
	});
});

describe("sloVerdict", () => {
	const objective = { metric: "m", unit: "u", direction: "Minimize" as const, target: 10 };
	it.each([
		[10, objective, "ok"],
		[10.1, objective, "breach"],
		[10, { ...objective, direction: "Maximize" as const }, "ok"],
		[9.9, { ...objective, direction: "Maximize" as const }, "breach"],
		[undefined, objective, "<unknown>"],
		[Number.NaN, objective, "<unknown>"],
		[1, { metric: "m", unit: "u", direction: "Minimize" as const }, "<none>"],
	])("%s", (value, given, verdict) => {
		expect(sloVerdict(value, given)).toBe(verdict);
	});
});

describe("explain", () => {
	const all = { now: NOW, nodes: [] };

	it("has a sentence with its numbers for every node", () => {
		expect(explainWorkload(workload({}), all)).toEqual([
			'deployment.apps/web in namespace shop: latency at most 50ms, by QoSPolicy "fast" (Auto)',
			"  It runs on edge-1: measured 48ms, which keeps the target; 41ms (36-47ms) predicted there.",
			"  Move: edge-2 gains 22% of the target (GainAboveMargin).",
			"",
			"  edge-2 is recommended for an expected gain of 22%, lower bound 15%: 30ms (29-31ms) predicted, which keeps the target.",
			"  edge-1* is outranked by edge-2 by 11ms, rank 2: 41ms (36-47ms) predicted, which keeps the target.",
			"  edge-3 is not ranked: it is feasible, but its prediction is <unknown>.",
			"  edge-7 is rejected: node(s) were unschedulable (NodeUnschedulable); 61ms (50-70ms) would be predicted.",
		]);
	});

	it("says why the best node is not moved to", () => {
		const decision = { action: "Stay" as const, reason: "CoolingDown", message: "moved 2m ago" };
		expect(explainWorkload(workload({ decision }), { now: NOW, nodes: ["edge-2", "edge-9"] }).slice(4)).toEqual([
			"  edge-2 is recommended for an expected gain of 22%, lower bound 15%, but Stay (CoolingDown): 30ms (29-31ms) predicted, which keeps the target.",
			"  edge-9 is no candidate: it does not exist, or the policy's placement leaves it out.",
		]);
	});

	it("says why a place ranks first that is expected to be worse", () => {
		const nodes = [
			{ name: "edge-2", feasible: true, predicted: { value: 0.045, lower: 0.044, upper: 0.046 }, rank: 1 },
			{ name: "edge-1", feasible: true, predicted: { value: 0.041, lower: 0.02, upper: 0.09 }, rank: 2 },
		];
		const decision = { action: "Stay" as const, reason: "AlreadyBest", message: "edge-2 is not expected to be better" };
		const sentences = explainWorkload(workload({ nodes, nodesTotal: 2, recommended: undefined, decision }), all);
		expect(sentences.slice(4)).toEqual([
			"  edge-2 ranks first by the worse end of its interval: 45ms (44-46ms) predicted, which keeps the target.",
			"  edge-1* is outranked by edge-2 by the worse end of its interval, rank 2: 41ms (20-90ms) predicted, which keeps the target.",
		]);
	});

	it("gives no number of a stale report, and none where there is none", () => {
		const stale = explainWorkload(workload(STALE), all).join("\n");
		expect(stale).toContain("(9m old, stale)");
		expect(stale).not.toMatch(/48ms|41ms|30ms/);
		expect(explainWorkload(workload(undefined), all)).toEqual([
			"deployment.apps/web in namespace shop: <unknown> (NotReported)",
		]);
	});
});
