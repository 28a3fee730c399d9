import { expect, test } from "vitest";
import { slowestFiles, summarize } from "../../../scripts/summary.ts";

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

test("the slowest files come first, and quick ones not at all", () => {
	const files = [
		{ file: "a.test.ts", passed: 1, failed: 0, seconds: 8.04 },
		{ file: "b.test.ts", passed: 1, failed: 0, seconds: 0.5 },
		{ file: "c.test.ts", passed: 1, failed: 0, seconds: 61 },
	];
	expect(slowestFiles(files)).toBe("slowest files\n   61.0 s  c.test.ts\n    8.0 s  a.test.ts");
	expect(slowestFiles(files.slice(1, 2))).toBe("");
});
