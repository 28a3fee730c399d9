import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeGo } from "../../cluster/programs/go.ts";
import { compareVersions, goLine, parseVersion } from "../../cluster/programs/versions.ts";

describe("versions", () => {
	test.each([
		["go1.26.8", [1, 26, 8]],
		["v20.1.0", [20, 1, 0]],
		["1.27rc1", [1, 27]],
		["none", undefined],
	])("of %s", (text, expected) => {
		expect(parseVersion(text)).toEqual(expected);
	});

	test("missing parts count as 0", () => {
		expect(compareVersions([1, 26], [1, 26, 0])).toBe(0);
		expect(compareVersions([1, 26], [1, 26, 7])).toBeLessThan(0);
		expect(compareVersions([1, 100], [1, 26, 7])).toBeGreaterThan(0);
	});

	test("the order is that of numbers, not of texts, and the same from both sides", () => {
		const version = fc.array(fc.nat(200), { minLength: 1, maxLength: 4 });
		fc.assert(
			fc.property(version, version, (left, right) => {
				expect(Math.sign(compareVersions(left, right))).toBe(0 - Math.sign(compareVersions(right, left)));
			}),
		);
	});

	test("the go line of a go.mod", () => {
		expect(goLine("module x\n\ngo 1.26.7\n\ntoolchain go1.27.0\n")).toBe("1.26.7");
		expect(() => goLine("module x\n")).toThrow("without a go line");
	});
});

test.each([
	["go1.26.8", "local", "Fits"],
	["go1.26.7", "auto", "Fits"],
	["go1.25.1", "auto", "FetchesNewer"],
	["go1.21.0", "go1.25.0+auto", "FetchesNewer"],
	["go1.25.1", "local", "ForbiddenToFetch"],
	["go1.20.0", "", "TooOld"],
	["go0", "local", "TooOld"],
])("%s with GOTOOLCHAIN=%s for Go 1.26.7: %s", (version, toolchain, verdict) => {
	expect(judgeGo(version, toolchain, "1.26.7")).toBe(verdict);
});
