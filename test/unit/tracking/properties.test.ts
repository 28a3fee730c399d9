import fc from "fast-check";
import { expect, test } from "vitest";
import { TRACKING_LAYOUTS } from "../../../src/core/policy/policy.ts";
import { runOf } from "../../../src/core/tracking/layout.ts";
import { NodeOrder } from "../../../src/core/tracking/node-order.ts";
import { listTags, readListTags } from "../../../src/core/tracking/tags.ts";
import { candidate, predicted } from "../recommendation/builders.ts";
import { tracked } from "./tracked.ts";

const values = fc.dictionary(
	fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/),
	fc.option(fc.float({ min: 1, max: 1000, noNaN: true }), { nil: undefined }),
	{ minKeys: 1, maxKeys: 12 },
);
const direction = fc.constantFrom("Minimize" as const, "Maximize" as const);

test("no run holds a number that is not finite, or one for what is unknown", () => {
	fc.assert(
		fc.property(values, fc.constantFrom(...TRACKING_LAYOUTS), direction, (predictions, layout, way) => {
			const candidates = Object.entries(predictions).map(([node, value]) =>
				candidate(node, value === undefined ? undefined : predicted(value)),
			);
			const what = tracked(candidates, { objective: { direction: way } });
			const run = runOf(what, layout, { order: new NodeOrder([]), team: "t" });
			for (const [, value] of run.metrics) expect(Number.isFinite(value)).toBe(true);
			const known = Object.values(predictions).filter((value) => value !== undefined).length;
			expect(run.metrics.filter(([key]) => /^(avg_|max_)?qos_\d+$|^predicted\//.test(key))).toHaveLength(known);
			expect(run.status).toBe(known > 0 ? "FINISHED" : "FAILED");
			expect("kubectl-qos.dev/unknown" in run.tags).toBe(known < candidates.length);
		}),
	);
});

test("the place that cloudedge names is the best, whichever way is better", () => {
	fc.assert(
		fc.property(values, direction, (predictions, way) => {
			const nodes = Object.keys(predictions).sort();
			const candidates = nodes.map((node) => {
				const value = predictions[node];
				return candidate(node, value === undefined ? undefined : predicted(value));
			});
			const run = runOf(tracked(candidates, { objective: { direction: way } }), "cloudedge", {
				order: new NodeOrder([]),
				team: "t",
			});
			const metrics = new Map(run.metrics);
			const all = run.metrics.filter(([key]) => key.startsWith("qos_")).map(([, value]) => value);
			if (all.length === 0) return;
			expect(metrics.get("max_qos")).toBe(Math.max(...all));
			expect(metrics.get(`qos_${run.params["max_qos_index"]}`)).toBe(Math.max(...all));
		}),
	);
});

test("an index means one node whatever order the candidates come in", () => {
	fc.assert(
		fc.property(
			fc.uniqueArray(fc.string({ minLength: 1 })),
			fc.uniqueArray(fc.string({ minLength: 1 })),
			(nodes, list) => {
				const indices = (given: readonly string[]) =>
					new NodeOrder(list).of(given).map(({ node, index }) => [node, index]);
				expect(indices(nodes)).toEqual(indices(nodes.toReversed()));
				expect(indices(nodes)).toHaveLength(nodes.length);
			},
		),
	);
});

test("lists of any length come back from tags", () => {
	fc.assert(
		fc.property(fc.array(fc.stringMatching(/^[a-z0-9.-]{0,253}$/), { maxLength: 200 }), (items) => {
			const tags = Object.entries(listTags("nodes", items));
			for (const [, value] of tags) expect(value.length).toBeLessThanOrEqual(5000);
			expect(readListTags("nodes", new Map(tags.map(([key, value]) => [`kubectl-qos.dev/${key}`, value])))).toEqual(
				items,
			);
		}),
	);
});
