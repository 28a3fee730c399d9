import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOSTNAME_KEY } from "../../../src/core/cluster/node.ts";
import { NO_HISTORY } from "../../../src/core/migration/history.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import type { PredictionTable } from "../../../src/core/prediction/prediction.ts";
import { listCandidates } from "../../../src/core/recommendation/rank.ts";
import { recommend } from "../../../src/core/recommendation/recommend.ts";
import type { Candidate } from "../../../src/core/recommendation/recommendation.ts";
import { migration, policy, scheduling, workload } from "../cluster-core/builders.ts";
import { CORDONED, candidate, candidateTable, type InputChanges, input, NOW, predicted } from "./builders.ts";

function decide(changes: InputChanges = {}): string {
	const { action, reason } = recommend(input(changes)).decision;
	return `${action} ${reason}`;
}

function rebalance(changes: Partial<Policy["rebalance"]>): Policy {
	return policy({ rebalance: { ...policy().rebalance, ...changes } });
}

const { current } = input();

function listed(candidates: readonly Candidate[], chosen: Policy) {
	return listCandidates(candidateTable(candidates), chosen, { limit: 10, always: undefined });
}

const { template } = workload("web");
const pinnedByUser = workload("web", {
	template: { ...template, scheduling: scheduling({ nodeSelector: { [HOSTNAME_KEY]: "a" } }) },
});

describe("the decision", () => {
	it("moves a clear case, and says why with numbers", () => {
		const { decision, recommended } = recommend(input());
		expect(decision.action).toBe("Move");
		expect(decision.reason).toBe("TargetBreached");
		expect(decision.message).toBe(
			"a -> b: expected gain 90% (latency 150 -> 60), lower bound 79% at 90% confidence, above the cost of a move, 0.667%",
		);
		expect(recommended).toMatchObject({ node: "b", domain: "b", gain: 0.9, predicted: predicted(60, 10) });
	});

	it("calls a gain without a breach by its name", () => {
		const calm = { ...current, measured: { known: true, value: 90, at: NOW } as const, predicted: predicted(95, 5) };
		expect(decide({ current: calm })).toBe("Move GainAboveMargin");
	});

	it.each<[string, InputChanges, string]>([
		["no pod runs", { current: { ...current, node: undefined, domain: undefined } }, "Unknown NotRunning"],
		["nothing could be predicted", { unknown: { reason: "MetricsStale", message: "old" } }, "Unknown MetricsStale"],
		[
			"the model's output makes no sense",
			{ unknown: { reason: "OutputNotFinite", message: "" } },
			"Unknown PredictionUnknown",
		],
		["its own node is Unknown", { current: { ...current, predicted: undefined } }, "Unknown PredictionUnknown"],
		["all candidates are Unknown", { candidates: [candidate("b", undefined)] }, "Unknown PredictionUnknown"],
		["the mode is Off", { policy: policy({ mode: "Off" }) }, "Stay ModeOff"],
		["the mode is Initial", { policy: policy({ mode: "Initial" }) }, "Stay ModeInitial"],
		["the policy is suspended", { policy: policy({ suspend: true }) }, "Stay Suspended"],
		["the user pinned it", { workload: pinnedByUser }, "Stay UserPinned"],
		["a migration is in flight", { standing: { ...NO_HISTORY, inFlight: migration("m") } }, "Stay MigrationInFlight"],
		["it cools down", { standing: { ...NO_HISTORY, coolingUntil: NOW + 1 } }, "Stay CoolingDown"],
		[
			"nothing is feasible",
			{ candidates: [candidate("b", predicted(60), { verdict: CORDONED })] },
			"Stay NoFeasibleNode",
		],
		["it runs on the best node", { candidates: [candidate("a", predicted(50))] }, "Stay AlreadyBest"],
		["a replica runs on the best node", { occupied: new Set(["a", "b"]) }, "Stay AlreadyBest"],
		["the best other node is no better", { candidates: [candidate("b", predicted(150))] }, "Stay AlreadyBest"],
		["the gain is small", { candidates: [candidate("b", predicted(141))] }, "Stay GainBelowMinimum"],
		["the gain is in doubt", { candidates: [candidate("b", predicted(100, 80))] }, "Stay GainNotConfident"],
		["no streak", { streak: undefined }, "Stay Stabilizing"],
		[
			"another node's streak",
			{ streak: { domain: "c", count: 9, since: NOW, evidence: 0, dataAt: undefined, missed: 0 } },
			"Stay Stabilizing",
		],
		["it may not be rolled", { disruption: { reason: "Paused", message: "paused" } }, "Stay DisruptionBlocked"],
	])("when %s", (_title, changes, expected) => {
		expect(decide(changes)).toBe(expected);
	});

	it("reacts to measured breaches only, when asked to", () => {
		const reactive = rebalance({ trigger: "Reactive" });
		const measured = (value: number) => ({ ...current, measured: { known: true, value, at: NOW } as const });
		const stale = { ...current, measured: { known: false, reason: "Stale" } as const };
		expect(decide({ policy: reactive, current: measured(101) })).toBe("Move TargetBreached");
		expect(decide({ policy: reactive, current: measured(99) })).toBe("Stay WithinTarget");
		expect(decide({ policy: reactive, current: stale })).toBe("Unknown MetricsStale");
		const aimless = { ...reactive, objective: { ...reactive.objective, target: undefined } };
		expect(decide({ policy: aimless })).toBe("Stay WithinTarget");
	});

	it("shows no recommendation where there is nothing better", () => {
		expect(recommend(input({ candidates: [candidate("a", predicted(50))] })).recommended).toBeUndefined();
		expect(recommend(input({ policy: policy({ mode: "Off" }) })).recommended?.domain).toBe("b");
	});
});

describe("stabilization", () => {
	it("counts evaluations in a row that name the same place, each on new measurements", () => {
		// So wide that no evidence is beyond doubt.
		const wide = [candidate("b", predicted(60, 60))];
		let streak = recommend(input({ candidates: wide, streak: undefined, dataAt: 1 })).streak;
		expect(streak?.count).toBe(1);
		streak = recommend(input({ candidates: wide, streak, dataAt: 1 })).streak;
		expect(streak?.count).toBe(1);
		streak = recommend(input({ candidates: wide, streak, dataAt: 2 })).streak;
		expect(streak?.count).toBe(2);
		const last = recommend(input({ candidates: wide, streak, dataAt: 3 }));
		expect(last.decision.action).toBe("Move");
		expect(recommend(input({ streak, candidates: [candidate("b", predicted(160))] })).streak).toBeUndefined();
		expect(recommend(input({ streak, candidates: [candidate("b", predicted(149))] })).streak).toBeUndefined();
	});

	it("waits for the newest predictions to agree with the smoothed ones", () => {
		const { candidates } = input();
		const raw = (own: number, best: number) => ({
			...candidates,
			predictions: {
				...(candidates.predictions as PredictionTable),
				raw: Float32Array.of(own, best, 90),
				support: Float32Array.of(9, 9, 9),
			},
		});
		expect(recommend({ ...input(), candidates: raw(150, 60) }).decision.action).toBe("Move");
		const denied = recommend({ ...input(), candidates: raw(100, 110) });
		expect(denied.decision.reason).toBe("Stabilizing");
		expect(denied.streak?.count).toBe(3);
	});

	it("counts a level found anew by the observations that found it", () => {
		const { candidates } = input();
		const predictions = candidates.predictions as PredictionTable;
		const support = (own: number) => ({
			...candidates,
			predictions: { ...predictions, raw: predictions.value, support: Float32Array.of(own, 40, 40) },
		});
		const first = (own: number) => recommend({ ...input(), candidates: support(own), streak: undefined }).streak?.count;
		expect([first(2), first(3), first(40)]).toEqual([2, 3, 1]);
	});

	it("outlives evaluations without an answer, but not an hour of them", () => {
		const silent = { unknown: { reason: "MetricsStale", message: "" } } as const;
		let { streak } = recommend(input(silent));
		expect(streak).toMatchObject({ domain: "b", count: 2, missed: 1 });
		for (let missed = 2; missed <= 12; missed += 1) streak = recommend(input({ ...silent, streak })).streak;
		expect(recommend(input({ streak })).decision.action).toBe("Move");
		expect(recommend(input({ ...silent, streak })).streak).toBeUndefined();
	});

	it("counts on while something else stands in the way", () => {
		const cooling = input({ standing: { ...NO_HISTORY, coolingUntil: NOW + 1 } });
		expect(recommend(cooling).streak?.count).toBe(3);
	});

	it("is shorter for a large gain whose size is far from certain", () => {
		// Ten times the target, give or take three of it: whether it pays for the move is beyond doubt.
		const wide = [candidate("a", predicted(1100, 400)), candidate("b", predicted(100, 20))];
		const there = { ...current, predicted: predicted(1100, 400) };
		const before = { domain: "b", count: 1, since: NOW, evidence: 0, dataAt: NOW - 1, missed: 0 };
		expect(decide({ candidates: wide, current: there, streak: before })).toBe("Move TargetBreached");
		const unsure = [candidate("a", predicted(300, 190)), candidate("b", predicted(100, 20))];
		const near = { ...current, predicted: predicted(300, 190) };
		expect(decide({ candidates: unsure, current: near, streak: before })).toBe("Stay Stabilizing");
	});

	it("is shorter where the evidence is beyond doubt, but never one evaluation", () => {
		const patient = { policy: rebalance({ stabilization: 10 }), dataAt: NOW };
		const clear = [candidate("b", predicted(60, 1))];
		const sure = { ...current, predicted: predicted(150, 1) };
		const first = recommend(input({ ...patient, candidates: clear, current: sure, streak: undefined }));
		expect(first.decision.reason).toBe("Stabilizing");
		const second = recommend(
			input({ ...patient, candidates: clear, current: sure, streak: first.streak, dataAt: NOW + 1 }),
		);
		expect(second.decision.action).toBe("Move");
		const doubtful = [candidate("b", predicted(60, 60))];
		const one = recommend(input({ ...patient, candidates: doubtful, streak: undefined }));
		const two = recommend(input({ ...patient, candidates: doubtful, streak: one.streak, dataAt: NOW + 1 }));
		expect(two.decision.reason).toBe("Stabilizing");
	});
});

describe("ranking", () => {
	it("goes by the pessimistic end, in the direction of the objective", () => {
		const candidates = [candidate("b", predicted(60, 40)), candidate("c", predicted(65, 1)), candidate("d", undefined)];
		const ranks = (changes: InputChanges) =>
			listed(candidates, input(changes).policy).map(({ node, rank }) => `${node}:${rank}`);
		expect(ranks({})).toEqual(["c:1", "b:2", "d:undefined"]);
		const up = policy({ objective: { ...policy().objective, direction: "Maximize" } });
		expect(ranks({ policy: up })).toEqual(["c:1", "b:2", "d:undefined"]);
	});

	it("takes a domain for as good as its worst feasible node, and as Unknown while one of them is", () => {
		const zones = policy({ placement: { ...policy().placement, topologyKey: "zone" } });
		const nodes = [
			candidate("b1", predicted(10), { domain: "b" }),
			candidate("b2", predicted(80), { domain: "b" }),
			candidate("b3", predicted(140), { domain: "b", verdict: CORDONED }),
			candidate("c1", predicted(50), { domain: "c" }),
		];
		const found = recommend(input({ policy: zones, candidates: nodes }));
		expect(found.recommended).toMatchObject({ domain: "c", node: "c1" });
		expect(listed(nodes, zones).map(({ node, rank }) => `${node}:${rank}`)).toEqual([
			"c1:1",
			"b1:2",
			"b2:3",
			"b3:undefined",
		]);
		const dark = [...nodes, candidate("c2", undefined, { domain: "c" })];
		expect(recommend(input({ policy: zones, candidates: dark })).recommended).toMatchObject({
			domain: "b",
			node: "b2",
		});
	});
});

const numbers = fc.double({ min: 1, max: 300, noNaN: true });
const prediction = fc.option(fc.tuple(numbers, fc.double({ min: 0, max: 100, noNaN: true })), { nil: undefined });
const candidates = fc
	.array(fc.tuple(prediction, fc.boolean()), { maxLength: 8 })
	.map((items) =>
		items.map(([parts, feasible], index) =>
			candidate(`n${index}`, parts && predicted(...parts), feasible ? {} : { verdict: CORDONED }),
		),
	);

describe("always", () => {
	it("moves only from a known prediction to a feasible node with a known, better one", () => {
		fc.assert(
			fc.property(candidates, prediction, fc.nat(5), (items, own, count) => {
				const result = recommend(
					input({
						candidates: items,
						current: { ...current, predicted: own && predicted(...own) },
						streak: { domain: "n0", count, since: NOW, evidence: 0, dataAt: undefined, missed: 0 },
					}),
				);
				if (result.decision.action !== "Move") return;
				const target = items.find(({ node }) => node === result.recommended?.node);
				expect(own).toBeDefined();
				expect(target?.verdict.feasible).toBe(true);
				expect(target?.predicted?.value).toBeLessThan(own?.[0] as number);
				expect(result.recommended?.gain).toBeGreaterThanOrEqual(policy().rebalance.minGain);
			}),
		);
	});

	it("does not depend on the order of the candidates", () => {
		fc.assert(
			fc.property(candidates, fc.infiniteStream(fc.nat()), (items, order) => {
				const keys = new Map(items.map((item) => [item, order.next().value as number]));
				const shuffled = items.toSorted((left, right) => (keys.get(left) as number) - (keys.get(right) as number));
				const here = recommend(input({ candidates: items }));
				const there = recommend(input({ candidates: shuffled }));
				expect(there.decision).toEqual(here.decision);
				expect(there.recommended).toEqual(here.recommended);
				expect(there.streak).toEqual(here.streak);
			}),
		);
	});

	it("decides the same for the mirrored objective", () => {
		fc.assert(
			fc.property(candidates, (items) => {
				const mirror = (value: ReturnType<typeof predicted>) => ({
					value: -value.value,
					lower: -value.upper,
					upper: -value.lower,
				});
				const here = recommend(input({ candidates: items }));
				const turned = input({
					candidates: items.map((item) => ({ ...item, predicted: item.predicted && mirror(item.predicted) })),
					policy: policy({ objective: { ...policy().objective, direction: "Maximize", target: -100 } }),
					current: {
						...current,
						measured: { known: true, value: -150, at: NOW },
						predicted: mirror(predicted(150, 10)),
					},
					workload: workload("web"),
				});
				const there = recommend(turned);
				expect(there.decision.reason).toBe(here.decision.reason);
				expect(there.recommended?.node).toBe(here.recommended?.node);
			}),
		);
	});
});
