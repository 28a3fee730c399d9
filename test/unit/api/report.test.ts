import { describe, expect, it } from "vitest";
import { MAX_REPORTED_NODES, parseReport, toReportStatus } from "../../../src/api/v1alpha1/report.ts";
import { FEASIBLE, infeasible } from "../../../src/core/feasibility/verdict.ts";
import type { Objective } from "../../../src/core/policy/policy.ts";
import type { Candidate, Evaluation } from "../../../src/core/recommendation/recommendation.ts";
import { policy } from "../cluster-core/builders.ts";
import { candidateTable } from "../recommendation/builders.ts";

const objective: Objective = {
	metric: "latency",
	direction: "Minimize",
	target: 0.2,
	horizonSeconds: 300,
	aggregate: "Mean",
};

const governing = policy({ objective });

function candidate(node: string, rank: number | undefined): Candidate {
	return {
		node,
		domain: node,
		verdict: FEASIBLE,
		predicted: rank === undefined ? undefined : { value: rank, lower: rank, upper: rank },
		rank: undefined,
	};
}

function evaluation(candidates: readonly Candidate[]): Evaluation {
	return {
		workload: "shop/api",
		policy: "fast",
		observedAt: 0,
		dataAgeSeconds: undefined,
		model: undefined,
		current: { node: "n999", domain: "n999", measured: { known: false, reason: "Stale" }, predicted: undefined },
		recommended: undefined,
		decision: { action: "Unknown", reason: "MetricsStale", message: "the newest sample is too old" },
		candidates: candidateTable(candidates),
	};
}

describe("toReportStatus", () => {
	it("leaves out what is Unknown and says why, never 0", () => {
		const status = toReportStatus(evaluation([candidate("n1", undefined)]), { policy: governing, unit: "seconds" });
		expect(status).toEqual({
			observedAt: "1970-01-01T00:00:00.000Z",
			policy: "fast",
			objective: { metric: "latency", unit: "seconds", direction: "Minimize", target: 0.2 },
			current: { node: "n999", domain: "n999", measuredUnknown: "Stale" },
			decision: { action: "Unknown", reason: "MetricsStale", message: "the newest sample is too old" },
			nodes: [{ name: "n1", feasible: true }],
			nodesTotal: 1,
		});
	});

	it("lists ranked nodes first, and refused ones with their reason last", () => {
		const refused: Candidate = {
			node: "a",
			domain: "edge",
			verdict: infeasible("NodeNotReady", "node is not ready"),
			predicted: undefined,
			rank: undefined,
		};
		const status = toReportStatus(evaluation([refused, candidate("b", 2), candidate("c", 1)]), {
			policy: governing,
			unit: "seconds",
		});
		expect(status.nodes.map(({ name }) => name)).toEqual(["c", "b", "a"]);
		expect(status.nodes.at(-1)).toEqual({
			name: "a",
			domain: "edge",
			feasible: false,
			reason: "NodeNotReady",
			message: "node is not ready",
		});
	});

	it("lists at most 500 nodes, the current one always", () => {
		const candidates = Array.from({ length: 1000 }, (_, index) => candidate(`n${index}`, index + 1));
		const status = toReportStatus(evaluation(candidates), { policy: governing, unit: "seconds" });
		expect(status.nodes).toHaveLength(MAX_REPORTED_NODES);
		expect(status.nodes[0]?.name).toBe("n0");
		expect(status.nodes.at(-1)?.name).toBe("n999");
		expect(status.nodesTotal).toBe(1000);
	});
});

describe("parseReport", () => {
	it("reads what was written", () => {
		const status = toReportStatus(evaluation([candidate("n1", 1)]), { policy: governing, unit: "seconds" });
		const parsed = parseReport({ metadata: { namespace: "shop", name: "api" }, status });
		expect(parsed).toMatchObject({ ok: true, value: { status } });
	});

	it.each([{}, undefined])("takes a report with status %j for one without", (status) => {
		const parsed = parseReport({ metadata: { namespace: "shop", name: "api" }, status });
		expect(parsed.ok && parsed.value.status).toBeUndefined();
		expect(parsed.ok).toBe(true);
	});
});
