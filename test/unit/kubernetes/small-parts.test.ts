import { describe, expect, it } from "vitest";
import { RateLimit } from "../../../src/adapters/kubernetes/rate-limit.ts";
import { isNews } from "../../../src/adapters/kubernetes/report-changes.ts";
import type { QoSReportStatus } from "../../../src/api/v1alpha1/report.ts";
import { forEachConcurrently } from "../../../src/http/concurrency.ts";

describe("forEachConcurrently", () => {
	it("does everything, never more at a time than allowed", async () => {
		let running = 0;
		let most = 0;
		const done: number[] = [];
		await forEachConcurrently(new Set([1, 2, 3, 4, 5]), 2, async (item) => {
			running += 1;
			most = Math.max(most, running);
			await Promise.resolve();
			running -= 1;
			done.push(item);
		});
		expect(new Set(done)).toEqual(new Set([1, 2, 3, 4, 5]));
		expect(most).toBe(2);
	});
});

describe("RateLimit", () => {
	it("lets a second's worth through at once and spaces out the rest", async () => {
		const limit = new RateLimit(20);
		const startedAt = performance.now();
		await Promise.all(Array.from({ length: 20 }, () => limit.pass()));
		expect(performance.now() - startedAt).toBeLessThan(200);
		await Promise.all(Array.from({ length: 4 }, () => limit.pass()));
		expect(performance.now() - startedAt).toBeGreaterThan(150);
	});
});

describe("isNews", () => {
	const status: QoSReportStatus = {
		observedAt: "2026-01-01T00:00:00Z",
		dataAge: "10s",
		policy: "fast",
		objective: { metric: "latency", unit: "seconds", direction: "Minimize" },
		current: { node: "n1", measured: 0.2, predicted: { value: 0.1, lower: 0, upper: 1 } },
		decision: { action: "Stay", reason: "AlreadyBest", message: "0.1 seconds" },
		nodes: [{ name: "n1", feasible: true }],
		nodesTotal: 1,
	};

	it.each<[string, Partial<QoSReportStatus>]>([
		["time", { observedAt: "2026-01-01T00:01:00Z", dataAge: "12s" }],
		["noise", { current: { ...status.current, measured: 0.204 } }],
		["wording", { decision: { ...status.decision, message: "0.101 seconds" } }],
	])("is not %s", (_, change) => {
		expect(isNews(status, { ...status, ...change })).toBe(false);
	});

	it.each<[string, Partial<QoSReportStatus>]>([
		["another decision", { decision: { ...status.decision, action: "Move" } }],
		["a change of what is measured", { current: { ...status.current, measured: 0.3 } }],
		["a prediction that became unknown", { current: { node: "n1", measured: 0.2 } }],
		["another node", { current: { ...status.current, node: "n2" } }],
		["a node that became infeasible", { nodes: [{ name: "n1", feasible: false, reason: "NodeNotReady" }] }],
	])("is %s", (_, change) => {
		expect(isNews(status, { ...status, ...change })).toBe(true);
	});
});
