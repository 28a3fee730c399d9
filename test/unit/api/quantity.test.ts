import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatQuantity, parseQuantity } from "../../../src/api/v1alpha1/quantity.ts";

describe("parseQuantity", () => {
	it.each([
		["200m", 0.2],
		["0.2", 0.2],
		["1Gi", 2 ** 30],
		["1500m", 1.5],
		["1e3", 1000],
		["1E3", 1000],
		["1E", 1e18],
		["12e-1", 1.2],
		["100k", 100_000],
		["250u", 0.00025],
		["3n", 3e-9],
		[".5", 0.5],
		["5.", 5],
		["-1", -1],
		["1.5Gi", 1.5 * 2 ** 30],
		["0", 0],
	])("reads %s as %d", (text, value) => {
		expect(parseQuantity(text)).toBe(value);
	});

	it.each(["", "m", "1 Gi", "1KB", "1K", "abc", "1e", "0x1", "1e999", "NaN", "Infinity"])("refuses %j", (text) => {
		expect(parseQuantity(text)).toBeUndefined();
	});

	it("takes finite numbers as they are", () => {
		expect(parseQuantity(3.25)).toBe(3.25);
		expect(parseQuantity(Number.NaN)).toBeUndefined();
	});
});

describe("formatQuantity", () => {
	it.each([
		[0.2, "200m"],
		[1.5, "1500m"],
		[3, "3"],
		[0, "0"],
		[0.00025, "250u"],
		[-0.1, "-100m"],
	])("writes %d as %s", (value, text) => {
		expect(formatQuantity(value)).toBe(text);
	});

	it("is read back to nine decimal places", () => {
		fc.assert(
			fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
				expect(parseQuantity(formatQuantity(value))).toBeCloseTo(value, 8);
			}),
		);
	});
});
