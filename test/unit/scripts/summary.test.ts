import { expect, test } from "vitest";
import { summarize } from "../../../scripts/summary.ts";

test("the table ends with one plain line of sums", () => {
	const text = summarize([
		{ part: "types", passed: 1, failed: 0, seconds: 3.14 },
		{ part: "unit", passed: 120, failed: 2, seconds: 10 },
	]);
	expect(text.split("\n")).toEqual([
		"part    passed   failed  seconds",
		"types        1        0      3.1",
		"unit       120        2     10.0",
		"",
		"121 passed, 2 failed",
	]);
});
