import { describe, expect, it } from "vitest";
import { recommend } from "../../../src/core/recommendation/recommend.ts";
import { candidate, input, predicted } from "./builders.ts";

const { current } = input();

describe("a workload of which others have taken the place", () => {
	it("goes on at the next best place when the one that was named can take nobody", () => {
		const { decision, recommended, streak } = recommend(input({ closed: new Set(["b"]) }));
		expect(decision).toMatchObject({ action: "Move", reason: "TargetBreached" });
		expect(recommended).toMatchObject({ domain: "c", predicted: predicted(90, 10) });
		expect(streak).toMatchObject({ domain: "c", count: 3 });
	});

	it("is never sent away from where it is because others cannot come", () => {
		const candidates = [candidate("a", predicted(50)), candidate("b", predicted(60))];
		const there = { ...current, predicted: predicted(50) };
		const { decision } = recommend(input({ candidates, current: there, closed: new Set(["a"]) }));
		expect(decision).toMatchObject({ action: "Stay", reason: "AlreadyBest" });
	});
});
