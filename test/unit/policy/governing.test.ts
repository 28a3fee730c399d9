import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { governing, isOptedOut, SKIP_KEY } from "../../../src/core/policy/governing.ts";
import { policy, workload } from "../cluster-core/builders.ts";

const web = workload("web");

function names(policies: readonly ReturnType<typeof policy>[]) {
	const found = governing(web, policies);
	return found && [found.policy.name, found.conflicting.map(({ name }) => name)];
}

describe("the governing policy", () => {
	it("is the oldest of the namespace that selects the workload; the others conflict", () => {
		const policies = [
			policy({ name: "new", createdAt: 2 }),
			policy({ name: "old", createdAt: 1 }),
			policy({ name: "elsewhere", createdAt: 0, namespace: "other" }),
			policy({ name: "choosy", createdAt: 0, workloadSelector: { matchLabels: { app: "x" } } }),
		];
		expect(names(policies)).toEqual(["old", ["new"]]);
		expect(names([])).toBeUndefined();
	});

	it("does not depend on the order, even of policies of the same age", () => {
		const policies = ["a", "b", "c"].map((name) => policy({ name }));
		fc.assert(
			fc.property(fc.shuffledSubarray(policies, { minLength: 3 }), (shuffled) => {
				expect(names(shuffled)).toEqual(["a", ["b", "c"]]);
			}),
		);
	});

	it("is nobody's for those who opted out, by label or annotation", () => {
		const byLabel = { ...web, labels: { ...web.labels, [SKIP_KEY]: "true" } };
		const byAnnotation = { ...web, annotations: { [SKIP_KEY]: "true" } };
		expect([governing(byLabel, [policy()]), governing(byAnnotation, [policy()])]).toEqual([undefined, undefined]);
		expect(isOptedOut({ labels: {}, annotations: { [SKIP_KEY]: "false" } })).toBe(false);
	});
});
