import { describe, expect, it } from "vitest";
import type { AppRecord, HalfRecord } from "../../../demo/record.ts";
import { allServeFrom } from "../../../demo/story/account.ts";

function half(...values: (number | undefined)[]): HalfRecord {
	return { samples: values.map((value, index) => ({ at: 20 + index, value })), stays: [] };
}

describe("allServeFrom", () => {
	it("is the second by which the last app of either half had answered once", () => {
		const apps: AppRecord[] = [
			{ name: "web", target: 1, halves: { with: half(0.1, 0.1), without: half(undefined, 0.1) } },
			{ name: "orders", target: 1, halves: { with: half(undefined, undefined, 0.1, undefined), without: half(0.1) } },
		];
		expect(allServeFrom(apps)).toBe(22);
	});
});
