import fc from "fast-check";
import { expect, test } from "vitest";
import { LayeredMap } from "../../../src/core/admission/layered-map.ts";

test("property: it reads as the merged map would, live", () => {
	const map = () => fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.integer());
	fc.assert(
		fc.property(map(), map(), map(), (below, above, later) => {
			const base = new Map(Object.entries(below));
			const layered = new LayeredMap(base, new Map(Object.entries(above)), (left, right) => left - right);
			for (const [key, value] of Object.entries(later)) base.set(key, value);
			const expected = new Map(base);
			for (const [key, value] of Object.entries(above)) {
				const under = base.get(key);
				expected.set(key, under === undefined ? value : under - value);
			}
			expect(new Map(layered)).toEqual(expected);
			expect(layered.size).toBe(expected.size);
			for (const key of ["a", "b", "c", "d"]) {
				expect(layered.get(key)).toBe(expected.get(key));
				expect(layered.has(key)).toBe(expected.has(key));
			}
		}),
	);
});
