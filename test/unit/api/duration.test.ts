import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "../../../src/api/v1alpha1/duration.ts";
import { parsePercent } from "../../../src/api/v1alpha1/percent.ts";

describe("parseDuration", () => {
	it.each([
		["5m", 300],
		["1h30m", 5400],
		["30s", 30],
		["1.5h", 5400],
		["250ms", 0.25],
		["0s", 0],
		["1h0m0s", 3600],
	])("reads %s as %d seconds", (text, seconds) => {
		expect(parseDuration(text)).toBe(seconds);
	});

	it.each(["", "5", "5 m", "-5m", "1d", "m", "5M", "1h30"])("refuses %j", (text) => {
		expect(parseDuration(text)).toBeUndefined();
	});
});

describe("formatDuration", () => {
	it.each([
		[5400, "1h30m"],
		[0, "0s"],
		[2.5, "2.5s"],
		[61, "1m1s"],
		[0.25, "250ms"],
		[86_400, "24h"],
	])("writes %d as %s", (seconds, text) => {
		expect(formatDuration(seconds)).toBe(text);
	});

	it("is read back to the millisecond", () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 1e10 }), (milliseconds) => {
				expect(parseDuration(formatDuration(milliseconds / 1000))).toBeCloseTo(milliseconds / 1000, 6);
			}),
		);
	});
});

describe("parsePercent", () => {
	it("reads shares", () => {
		expect(parsePercent("10%")).toBe(0.1);
		expect(parsePercent("2.5%")).toBe(0.025);
	});

	it.each(["10", "-1%", "%", "1e1%", " 10%"])("refuses %j", (text) => {
		expect(parsePercent(text)).toBeUndefined();
	});
});
