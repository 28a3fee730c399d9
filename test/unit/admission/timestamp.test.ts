import fc from "fast-check";
import { expect, test } from "vitest";
import { rfc3339 } from "../../../src/core/timestamp.ts";

test("property: a time is written as Date writes it, without the milliseconds", () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: Date.parse("2999-12-31T23:59:59Z") }), (time) => {
			expect(rfc3339(time)).toBe(`${new Date(time).toISOString().slice(0, 19)}Z`);
		}),
		{ numRuns: 500 },
	);
});
