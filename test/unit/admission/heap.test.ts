import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "../../../src/core/admission/heap.ts";

test("property: items come out in order, whatever was pushed, popped in between", () => {
	const operation = fc.oneof(
		fc.record({ kind: fc.constant("push" as const), score: fc.integer({ min: 0, max: 20 }) }),
		fc.record({ kind: fc.constant("pop" as const) }),
	);
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.array(operation), (initial, operations) => {
			const scores = [...initial];
			const inside = new Set(scores.keys());
			const before = (left: number, right: number) =>
				scores[left] !== scores[right] ? (scores[left] ?? 0) < (scores[right] ?? 0) : left < right;
			const best = () => [...inside].sort((left, right) => (before(left, right) ? -1 : 1))[0];
			const heap = new Heap([...scores.keys()], before);
			for (const step of operations) {
				if (step.kind === "push") {
					scores.push(step.score);
					inside.add(scores.length - 1);
					heap.push(scores.length - 1);
				} else {
					const expected = best();
					expect(heap.pop()).toBe(expected);
					if (expected !== undefined) inside.delete(expected);
				}
				expect(heap.peek()).toBe(best());
				expect(heap.size).toBe(inside.size);
			}
		}),
	);
});
