import { describe, expect, it } from "vitest";
import type { PodDisruptionBudget } from "../../../src/core/cluster/state.ts";
import type { Workload } from "../../../src/core/cluster/workload.ts";
import { disruptionRefusal } from "../../../src/core/migration/disruption.ts";
import { cluster, scheduling, volumeClaim, workload } from "../cluster-core/builders.ts";

const strategy = { type: "RollingUpdate", maxSurge: 1, maxUnavailable: 0 } as const;

function refusal(changes: Partial<Workload>, parts: Parameters<typeof cluster>[0] = {}): string | undefined {
	return disruptionRefusal(workload("web", changes), cluster(parts))?.reason;
}

function budgets(changes: Partial<PodDisruptionBudget> = {}) {
	const budget = { namespace: "shop", name: "web", selector: { matchLabels: { app: "web" } }, disruptionsAllowed: 0 };
	return { disruptionBudgets: new Map([["shop/web", { ...budget, ...changes }]]) };
}

function withClaim(singleNode: boolean) {
	return { volumeClaims: new Map([["shop/data", volumeClaim("data", { singleNode })]]) };
}

const mounting = { template: { ...workload("web").template, scheduling: scheduling({ volumeClaims: ["data"] }) } };

describe("a rollout", () => {
	it.each<[string, Parameters<typeof refusal>, string | undefined]>([
		["of one replica with a surge", [{}], undefined],
		["of none", [{ replicas: 0 }], "NoReplicas"],
		["while paused", [{ paused: true }], "Paused"],
		["by Recreate", [{ strategy: { ...strategy, type: "Recreate" } }], "RecreateStrategy"],
		["during another", [{ rolledOut: false }], "RolloutUnfinished"],
		[
			"of one replica that may be unavailable",
			[{ strategy: { ...strategy, maxUnavailable: 1 } }],
			"NoneAvailableDuringRollout",
		],
		["of two replicas of which one may be", [{ replicas: 2, strategy: { ...strategy, maxUnavailable: 1 } }], undefined],
		["with a ReadWriteOnce volume", [mounting, withClaim(true)], "SingleNodeVolume"],
		["with a shared volume", [mounting, withClaim(false)], undefined],
		["under an exhausted budget", [{}, budgets()], "DisruptionBudgetExhausted"],
		["under a budget with room", [{}, budgets({ disruptionsAllowed: 1 })], undefined],
		["beside another namespace's budget", [{}, budgets({ namespace: "other" })], undefined],
		["beside another app's budget", [{}, budgets({ selector: { matchLabels: { app: "x" } } })], undefined],
	])("%s", (_title, given, expected) => {
		expect(refusal(...given)).toBe(expected);
	});
});
