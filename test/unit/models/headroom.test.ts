import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { headroom } from "../../../models/headroom.ts";
import { openSession, type Session } from "../../../src/adapters/onnx/session.ts";
import { deliveredShare, slowdown } from "../../../src/core/model/response.ts";

const Z_95 = 1.6448536269514722;
const RANGE_PER_SIGMA = 3.078;

describe.each(["Minimize", "Maximize"] as const)("headroom to %s", (direction) => {
	let session: Session;
	beforeAll(async () => {
		session = await openSession(headroom(direction));
	});

	it("is built byte for byte as it is checked in; `npm run models:build` makes it anew", () => {
		const file = new URL(`../../../models/headroom-${direction.toLowerCase()}.onnx`, import.meta.url);
		expect(Buffer.from(headroom(direction)).equals(readFileSync(file))).toBe(true);
	});

	it("computes its formula", async () => {
		const row = fc.record({
			utilization: fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 10, maxLength: 10 }),
			spread: fc.double({ min: 0, max: 1, noNaN: true }),
			level: fc.double({ min: 0.001, max: 100, noNaN: true }),
			speed: fc.double({ min: 0.1, max: 10, noNaN: true }),
			need: fc.double({ min: 0.01, max: 2, noNaN: true }),
		});
		await fc.assert(
			fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
				const input = rows.flatMap(({ utilization, spread, level, speed, need }) =>
					utilization.flatMap((used) => [used, spread, level, speed, ...(direction === "Maximize" ? [need] : [])]),
				);
				const output = await session.run(Float32Array.from(input), [rows.length, 10, input.length / rows.length / 10]);
				const expected = rows.flatMap((row) => formula(direction, row));
				expect(output).toHaveLength(expected.length);
				expected.forEach((value, index) => expect((output[index] ?? Number.NaN) / value).toBeCloseTo(1, 5));
			}),
		);
	});
});

interface Row {
	readonly utilization: readonly number[];
	readonly spread: number;
	readonly level: number;
	readonly speed: number;
	readonly need: number;
}

/** What models/headroom.ts promises, in the order of its outputs: three aggregates at three quantiles. */
function formula(direction: "Minimize" | "Maximize", { utilization, spread, level, speed, need }: Row): number[] {
	const responses = utilization.map((used) =>
		direction === "Minimize" ? slowdown(used) : deliveredShare((need * slowdown(used)) / speed),
	);
	const idle = direction === "Minimize" ? level / speed : level;
	const mean = responses.reduce((sum, response) => sum + response, 0) / responses.length;
	const [max, min] = [Math.max(...responses), Math.min(...responses)];
	const sigma = Math.hypot(spread, (max - min) / mean / RANGE_PER_SIGMA);
	return [-1, 0, 1].flatMap((side) =>
		[mean, max, min].map((response) => idle * response * Math.exp(side * Z_95 * sigma)),
	);
}
