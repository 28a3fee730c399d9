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
	expect(relativeSpeed({ labels: label === undefined ? {} : { "kubectl-qos.dev/speed": label } })).toBe(speed);
});
