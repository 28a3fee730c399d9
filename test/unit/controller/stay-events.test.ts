import { expect, test } from "vitest";
import { StayEvents } from "../../../src/controller/stay-events.ts";
import type { Decision } from "../../../src/core/recommendation/recommendation.ts";
import { evaluation } from "../migration/observing.ts";

type Reason = Decision["reason"];

/** Reasons told of one workload that is decided on again and again; no place is better where it is `AlreadyBest`. */
function toldOf(...reasons: readonly Reason[]): (string | undefined)[] {
	const events = new StayEvents();
	return reasons.flatMap((reason) => {
		const action = reason === "TargetBreached" ? "Move" : reason === "MetricsStale" ? "Unknown" : "Stay";
		const one = evaluation({ decision: { action, reason, message: reason } });
		const told = events.look([reason === "AlreadyBest" ? { ...one, recommended: undefined } : one]);
		return told.map(({ message }) => message.split(": ")[1]);
	});
}

test("a reason is told once, and another one when it comes", () => {
	expect(toldOf("GainBelowMinimum", "GainBelowMinimum", "GainNotConfident")).toEqual([
		"GainBelowMinimum",
		"GainNotConfident",
	]);
});

test("a gain that comes and goes, or is not known for a while, is no news", () => {
	expect(toldOf("GainBelowMinimum", "AlreadyBest", "GainBelowMinimum", "MetricsStale", "GainBelowMinimum")).toEqual([
		"GainBelowMinimum",
	]);
});

test("after a move all is news", () => {
	expect(toldOf("CoolingDown", "TargetBreached", "CoolingDown")).toEqual(["CoolingDown", "CoolingDown"]);
});

test("a workload that came back is a new one", () => {
	const events = new StayEvents();
	const one = [evaluation({ decision: { action: "Stay", reason: "GainBelowMinimum", message: "" } })];
	expect(events.look(one)).toHaveLength(1);
	events.prune(() => true);
	expect(events.look(one)).toHaveLength(0);
	events.prune(() => false);
	expect(events.look(one)).toHaveLength(1);
});
