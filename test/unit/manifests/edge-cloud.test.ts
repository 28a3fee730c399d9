import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parsePolicy } from "../../../src/api/v1alpha1/policy.ts";
import { selects } from "../../../src/core/cluster/selectors.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { recommend } from "../../../src/core/recommendation/recommend.ts";
import { candidate, input, NOW, predicted } from "../recommendation/builders.ts";

function example(name: string): Policy {
	const text = readFileSync(new URL(`../../../manifests/examples/${name}.yaml`, import.meta.url), "utf8");
	const { metadata, spec } = parse(text) as { metadata: object; spec: object };
	const created = { namespace: "shop", creationTimestamp: "2026-01-01T00:00:00Z" };
	const parsed = parsePolicy({ metadata: { ...created, ...metadata }, spec });
	if (!parsed.ok) throw new Error(parsed.message);
	return parsed.value;
}

interface Latencies {
	readonly edge?: number;
	readonly cloud?: number;
	/** Absent: not measured. */
	readonly measured?: number;
}

/** What a policy decides when it has named the other tier often enough; latencies in seconds. */
function decide(policy: Policy, on: "edge" | "cloud", { edge, cloud, measured }: Latencies) {
	const sure = (value: number | undefined) => (value === undefined ? undefined : predicted(value, 0.002));
	const places = [
		candidate("e1", sure(edge), { domain: "edge" }),
		candidate("c1", sure(cloud), { domain: "cloud" }),
	].filter(({ node, domain }) => node === `${on[0]}1` || selects(policy.placement.candidates, { tier: domain }));
	const other = on === "edge" ? "cloud" : "edge";
	const { decision, recommended } = recommend(
		input({
			policy,
			current: {
				node: `${on[0]}1`,
				domain: on,
				measured:
					measured === undefined ? { known: false, reason: "Absent" } : { known: true, value: measured, at: NOW },
				predicted: sure(on === "edge" ? edge : cloud),
			},
			occupied: new Set([on]),
			candidates: places,
			unknown: measured === undefined ? { reason: "MetricsAbsent", message: "latency is not measured" } : undefined,
			streak: { domain: other, count: 5, since: NOW - 300_000, evidence: 0, dataAt: NOW - 60_000, missed: 0 },
		}),
	);
	return decision.action === "Move" ? `Move to ${recommended?.domain}` : `${decision.action}: ${decision.reason}`;
}

describe("leave-edge", () => {
	const policy = example("leave-edge");

	it.each([
		["above 0.2 s it leaves", { edge: 0.25, cloud: 0.08, measured: 0.25 }, "Move to cloud"],
		[
			"below 0.2 s it stays, though the cloud is better",
			{ edge: 0.19, cloud: 0.08, measured: 0.19 },
			"Stay: WithinTarget",
		],
		["it does not leave for a cloud that is worse", { edge: 0.25, cloud: 0.4, measured: 0.25 }, "Stay: AlreadyBest"],
		["what is only predicted moves nothing", { edge: 0.25, cloud: 0.08, measured: 0.1 }, "Stay: WithinTarget"],
		["absent data moves nothing", { edge: 0.25, cloud: 0.08 }, "Unknown: MetricsAbsent"],
		["an unknown prediction moves nothing", { cloud: 0.08, measured: 0.25 }, "Unknown: PredictionUnknown"],
	])("%s", (_, latencies, expected) => {
		expect(decide(policy, "edge", latencies)).toBe(expected);
	});

	it("stays in the cloud, where it is within 0.2 s", () => {
		expect(decide(policy, "cloud", { edge: 0.03, cloud: 0.08, measured: 0.08 })).toBe("Stay: WithinTarget");
	});
});

describe("leave-edge-ahead", () => {
	const policy = example("leave-edge-ahead");

	it("leaves before the breach is measured, and comes back by itself", () => {
		expect(policy.objective).toMatchObject({ aggregate: "Max", horizonSeconds: 300, target: 0.2 });
		expect(decide(policy, "edge", { edge: 0.25, cloud: 0.08, measured: 0.1 })).toBe("Move to cloud");
		expect(decide(policy, "edge", { edge: 0.15, cloud: 0.08, measured: 0.1 })).toBe("Stay: GainBelowMinimum");
		expect(decide(policy, "cloud", { edge: 0.03, cloud: 0.2, measured: 0.2 })).toBe("Move to edge");
	});
});

describe("back-to-edge", () => {
	const policy = example("back-to-edge");

	it.each([
		["below 0.045 s at the edge it comes back", { edge: 0.04, cloud: 0.08, measured: 0.08 }, "Move to edge"],
		["above it does not", { edge: 0.06, cloud: 0.08, measured: 0.08 }, "Stay: GainBelowMinimum"],
		["to an edge that is busy it does not", { edge: 0.3, cloud: 0.08, measured: 0.08 }, "Stay: AlreadyBest"],
		["absent data moves nothing", { edge: 0.04, cloud: 0.08 }, "Unknown: MetricsAbsent"],
	])("%s", (_, latencies, expected) => {
		expect(decide(policy, "cloud", latencies)).toBe(expected);
	});
});
