import { expect, it } from "vitest";
import { relativeSpeed } from "../../../src/core/features/speed.ts";

it.each([
	[undefined, 1],
	["2", 2],
	["0.25", 0.25],
	["fast", Number.NaN],
	["", Number.NaN],
	["0", Number.NaN],
	["-1", Number.NaN],
	["Infinity", Number.NaN],
])("label %s is speed %d", (label, speed) => {
	expect(relativeSpeed(node(label), undefined)).toBe(speed);
});

it("a declared speed wins over a learned one, a learned one over none", () => {
	const speeds = { of: () => 3, serviceTime: () => undefined };
	expect(relativeSpeed(node(undefined), speeds)).toBe(3);
	expect(relativeSpeed(node("2"), speeds)).toBe(2);
	expect(relativeSpeed(node("fast"), speeds)).toBeNaN();
});

function node(label: string | undefined) {
	return { name: "a", labels: label === undefined ? {} : { "kubectl-qos.dev/speed": label } };
}
