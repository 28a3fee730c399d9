import { describe, expect, it } from "vitest";
import type { Move } from "../../../../bench/truth/recording.ts";
import type { Request } from "../../../../bench/truth/requests.ts";
import { deathsOf, failedDuringMoves } from "../../../../bench/truth/scoring/moves.ts";

const START = 1_000_000;
const isDead = deathsOf({ troubles: [{ node: "dead", from: 100, to: 200, kind: { name: "Killed" } }] }, START);

function failed(second: number, more: Partial<Request> = {}): Request {
	const at = START + second * 1000;
	return { kind: "request", at, app: "a", node: "n", pod: "p", latency: 0, ok: false, ...more };
}

function move(second: number, more: Partial<Move> = {}): Move {
	const at = START + second * 1000;
	return { app: "a", at, from: "n", to: "m", phase: "Succeeded", promised: undefined, measured: undefined, ...more };
}

function seconds(requests: readonly Request[], moves: readonly Move[]): readonly number[] {
	return failedDuringMoves(requests, moves, isDead).map(({ at }) => (at - START) / 1000);
}

describe("deathsOf", () => {
	it("knows when a node was killed, and that a slow one lives", () => {
		expect([99, 100, 199, 200].map((second) => isDead("dead", START + second * 1000))).toEqual([
			false,
			true,
			true,
			false,
		]);
		expect(isDead("n", START + 150_000)).toBe(false);
		const slow = deathsOf({ troubles: [{ node: "n", from: 0, to: 9, kind: { name: "Slow", speed: 0.1 } }] }, START);
		expect(slow("n", START + 1000)).toBe(false);
	});
});

describe("failedDuringMoves", () => {
	it("counts what failed from five seconds before a move until five after its roll-out", () => {
		const requests = [4, 5, 10, 20, 25, 26].map((second) => failed(second));
		expect(seconds(requests, [move(10, { rolledOutAt: START + 20_000 })])).toEqual([5, 10, 20, 25]);
		expect(seconds(requests, [move(10)])).toEqual([5, 10]);
	});

	it("counts what was asked long before and failed meanwhile", () => {
		expect(seconds([failed(1, { latency: 10 })], [move(14)])).toEqual([1]);
		expect(seconds([failed(1, { latency: 10 })], [move(17)])).toEqual([]);
	});

	it("counts what failed while a move was taken back", () => {
		const taken = move(10, { rolledOutAt: START + 12_000, undoneAt: START + 40_000, phase: "Reverted" });
		expect(seconds([failed(30), failed(36), failed(44)], [taken])).toEqual([36, 44]);
	});

	it("counts neither answers, nor probes, nor other apps", () => {
		const requests = [failed(10, { ok: true }), failed(10, { kind: "probe" }), failed(10, { app: "b" })];
		expect(seconds(requests, [move(10)])).toEqual([]);
	});

	it("leaves to a dead node what failed there, or found no endpoint when it was moved away from it", () => {
		const away = move(110, { from: "dead" });
		expect(seconds([failed(110, { node: "dead" }), failed(111, { node: "" })], [away])).toEqual([]);
		expect(seconds([failed(110), failed(111, { node: "" })], [move(110)])).toEqual([110, 111]);
		expect(seconds([failed(111, { node: "m" })], [away])).toEqual([111]);
	});
});
