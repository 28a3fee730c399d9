import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { levelChange } from "../../../src/core/features/level-change.ts";
import type { Model } from "../../../src/core/model/model.ts";
import { slowdown } from "../../../src/core/model/response.ts";
import { predict } from "../../../src/core/prediction/predict.ts";
import { prepare } from "../../../src/core/prediction/preparation.ts";
import { APP, headroomModels, inputsOf, requestFor, STEPS, type TestNode } from "../prediction/world.ts";

const changeIn = (...values: readonly number[]): number => levelChange(Float32Array.from(values));

describe("levelChange", () => {
	it("is where a neighbour came, or went, and the newest of several", () => {
		expect(changeIn(0.2, 0.25, 0.2, 0.9, 1, 1)).toBe(3);
		expect(changeIn(1, 0.9, 0.3, 0.2)).toBe(2);
		expect(changeIn(0.2, 0.2, 0.9, 0.9, 0.2, 0.2)).toBe(0);
		expect(changeIn(0.1, 0.1, 0.1, 0.4, 0.4, 0.9, 0.9)).toBe(5);
	});

	it("takes two steps, and a gap beyond what either side ranges over", () => {
		expect(changeIn(0.2, 0.2, 0.2, 0.2, 0.9)).toBe(0);
		expect(changeIn(0.2, 0.2, 0.2, 0.25, 0.25)).toBe(0);
		expect(changeIn(0.1, 0.5, 0.1, 0.6, 0.7)).toBe(0);
		expect(changeIn(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)).toBe(0);
	});

	it("splits a window so that both sides are apart", () => {
		const window = fc.array(fc.float({ min: 0, max: 2, noNaN: true }), { minLength: 1, maxLength: 12 });
		fc.assert(
			fc.property(window, (values) => {
				const at = changeIn(...values);
				if (at === 0) return;
				const [before, after] = [values.slice(0, at), values.slice(at)];
				const isAbove = Math.min(...after) > Math.max(...before);
				expect(isAbove || Math.max(...after) < Math.min(...before)).toBe(true);
				expect(after.length).toBeGreaterThanOrEqual(2);
			}),
		);
	});

	it("is rarely found in noise around one level", () => {
		fc.assert(
			fc.property(fc.array(fc.float({ min: Math.fround(0.45), max: Math.fround(0.549), noNaN: true })), (noise) => {
				expect(changeIn(...noise)).toBe(0);
			}),
		);
	});
});

describe("a prediction of headroom after a node's load has changed", () => {
	let headroom: Model;
	beforeAll(async () => {
		headroom = (await headroomModels()).Minimize;
	});

	async function onNodeB(b: TestNode): Promise<{ value: number; width: number }> {
		const inputs = inputsOf({
			nodes: { a: { cpu: 0, cores: 1 }, b },
			workloads: { [APP]: { latency: 0.1, workload_cpu_usage: 0.1 } },
		});
		const [result] = await predict(
			[requestFor(headroom, ["a", "b"], { currentNodes: new Map([["a", 1]]) })],
			prepare(inputs),
		);
		if (!result?.known) throw new Error(result?.message);
		const [lower = Number.NaN, upper = Number.NaN] = [result.table.lower[1], result.table.upper[1]];
		return { value: result.table.value[1] ?? Number.NaN, width: upper / lower };
	}

	const shifted = (steps: number): number[] =>
		Array.from({ length: STEPS }, (_, step) => (step < STEPS - steps ? 0.1 : 0.6));

	it("is of the new load, from the second step on", async () => {
		expect((await onNodeB({ cpu: shifted(2), cores: 1 })).value).toBeCloseTo(0.1 * slowdown(0.7), 4);
		const one = await onNodeB({ cpu: shifted(1), cores: 1 });
		expect(one.value).toBeLessThan(0.1 * slowdown(0.4));
	});

	it("does not take the change for noise, but few steps for less than many", async () => {
		const steady = await onNodeB({ cpu: 0.6, cores: 1 });
		const new2 = await onNodeB({ cpu: shifted(2), cores: 1 });
		const noisy = await onNodeB({
			cpu: Array.from({ length: STEPS }, (_, step) => (step % 2 === 0 ? 0.1 : 0.6)),
			cores: 1,
		});
		expect(new2.width).toBeGreaterThan(steady.width);
		expect(new2.width).toBeLessThan(noisy.width);
	});
});
