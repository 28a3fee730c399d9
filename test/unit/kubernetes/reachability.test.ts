import { expect, it } from "vitest";
import { Reachability } from "../../../src/adapters/kubernetes/reachability.ts";

function watched() {
	let now = 0;
	const reachability = new Reachability(() => now);
	return (seconds: number, ...events: readonly ("asked" | "answered")[]) => {
		now = seconds * 1000;
		for (const event of events) reachability[event]();
		return reachability.secondsSinceOutage();
	};
}

it("an outage is over with the first answer after requests that got none for long", () => {
	const at = watched();
	expect(at(0, "asked", "answered")).toBe(Number.POSITIVE_INFINITY);
	for (let second = 2; second <= 60; second += 2) at(second, "asked");
	expect(at(60)).toBe(Number.POSITIVE_INFINITY);
	expect(at(61, "answered")).toBe(0);
	expect(at(91, "asked", "answered")).toBe(30);
});

it("nothing asked for long is no outage, and neither is one slow answer among others", () => {
	const at = watched();
	at(0, "asked", "answered");
	expect(at(600, "asked", "answered")).toBe(Number.POSITIVE_INFINITY);
	at(601, "asked");
	for (let second = 602; second <= 660; second += 2) at(second, "asked", "answered");
	expect(at(661, "answered")).toBe(Number.POSITIVE_INFINITY);
});
