import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare, maximize, ORACLE, OURS, of, timeAt, trace } from "./support.ts";

const FAR = [25, 22, 20, 19, 15, 14];

describe("the flapping scenario A", () => {
	const thirtyDays = trace(() => FAR, { ticks: 8640, noise: 5 });

	it("is judged as its facts say", async () => {
		const result = await compare(thirtyDays);
		// Over 20 seeds: 1,270 moves, 1,268 of them ping-pong, eff 24.40.
		const original = of(result, "original").figures;
		expect(original.moveCount).toBeGreaterThan(1100);
		expect(original.moveCount).toBeLessThan(1450);
		expect(original.moveCount - original.pingPongs).toBe(2);
		expect(original.eff).toBeCloseTo(24.4, 1);
		expect(of(result, "margin").figures.moveCount).toBeLessThanOrEqual(3);
		expect(of(result, ORACLE).figures.moveCount).toBe(1);
		// One tick of 30 in 300 seconds lost, by 25.
		expect(of(result, ORACLE).figures.eff).toBeCloseTo(25 - 2.5 / 8640, 6);
		expect(of(result, OURS).figures.moveCount).toBeLessThanOrEqual(2);
		expect(of(result, OURS).figures.mae).toBeCloseTo(2.5, 1);
	});

	it("has curves that end at the figures", async () => {
		const result = await compare(thirtyDays);
		expect(result.starts.length).toBeLessThanOrEqual(256);
		for (const { figures, curves } of result.policies) {
			expect(curves.regret.at(-1)).toBeCloseTo(figures.regret as number, 6);
			expect(curves.net).toHaveLength(result.starts.length);
		}
	});
});

describe("figures", () => {
	it("charge a move 30 s of the value where it leads, in either direction", async () => {
		const up = trace((tick) => (tick < 1 ? [10, 20] : [30, 20]), { ticks: 4 });
		const oracle = of(await compare(up), ORACLE).figures;
		expect(oracle).toMatchObject({ moveCount: 1, meanQos: (20 + 3 * 30) / 4, eff: (20 + 3 * 30 - 3) / 4 });
		const minimize = { ...maximize, objective: { ...maximize.objective, direction: "Minimize" as const } };
		const down = of(
			await compare(
				trace((tick) => (tick < 1 ? [30, 20] : [10, 20]), { ticks: 4 }),
				minimize,
			),
			ORACLE,
		);
		expect(down.figures).toMatchObject({ moveCount: 1, eff: (20 + 3 * 10 + 1) / 4 });
		expect(down.moves.at(0)).toMatchObject({ time: Date.parse(timeAt(1)), from: "node-1", to: "node-0" });
	});

	it("tell coverage where there are intervals, and violations where there is a target", async () => {
		const rows = [
			"time,workload,node,predicted,lower,upper,actual",
			`${timeAt(0)},w,a,26,25,27,26`,
			`${timeAt(1)},w,a,26,25,27,24`,
			`${timeAt(2)},w,a,26,25,27,`,
		];
		const { figures } = of(await compare(rows.join("\n")), OURS);
		expect(figures).toMatchObject({ coverage: 0.5, violationSeconds: 300, mae: 1, moveCount: 0, regret: 0 });
	});

	it("are Unknown, never 0, where nothing is known", async () => {
		const { figures } = of(await compare(`time,workload,node,predicted,actual\n${timeAt(0)},w,a,,`), OURS);
		expect(figures).toMatchObject({ eff: undefined, mae: undefined, regret: undefined, coverage: undefined });
	});
});

/** A world of a few nodes with gaps on both sides. */
const value = fc.option(fc.integer({ min: 1, max: 40 }), { freq: 6, nil: undefined });
const world = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 })).chain(([nodes, ticks]) =>
	fc.array(fc.array(fc.tuple(value, value), { minLength: nodes, maxLength: nodes }), {
		minLength: ticks,
		maxLength: ticks,
	}),
);
type World = readonly (readonly (readonly [number | undefined, number | undefined])[])[];

/** Rows of all ticks; `order` turns the rows of each tick around. */
function written(cells: World, order: (rows: string[], tick: number) => string[] = (rows) => rows): string {
	const lines = cells.flatMap((tick, index) =>
		order(
			tick.flatMap(([predicted, actual], node) =>
				["w", "v"].map((name) => `${timeAt(index)},${name},n${node},${predicted ?? ""},${actual ?? ""},n0`),
			),
			index,
		),
	);
	return ["time,workload,node,predicted,actual,current", ...lines].join("\n");
}

describe("always", () => {
	it.each(["Maximize", "Minimize"] as const)("no policy is better than the oracle (%s)", async (direction) => {
		const tried = { ...maximize, objective: { ...maximize.objective, direction } };
		const sign = direction === "Maximize" ? 1 : -1;
		await fc.assert(
			fc.asyncProperty(world, async (cells) => {
				const result = await compare(written(cells), tried);
				const best = of(result, ORACLE).figures.eff;
				for (const { figures, moves, curves } of result.policies) {
					expect(figures.moveCount).toBe(moves.length);
					if (best === undefined) continue;
					expect(sign * (figures.eff as number)).toBeLessThanOrEqual(sign * best + 1e-9);
					expect(curves.regret.at(-1)).toBeCloseTo(figures.regret as number, 9);
				}
			}),
			{ numRuns: 150 },
		);
	});

	it("the order of the rows of a tick changes nothing", async () => {
		await fc.assert(
			fc.asyncProperty(world, fc.infiniteStream(fc.nat()), async (cells, keys) => {
				const shuffled = written(cells, (rows) =>
					rows
						.map((row) => [keys.next().value as number, row] as const)
						.sort((left, right) => left[0] - right[0])
						.map(([, row]) => row),
				);
				const [here, there] = [await compare(written(cells)), await compare(shuffled)];
				for (const [index, { figures, moves }] of here.policies.entries()) {
					expect(there.policies[index]?.moves.sorted()).toEqual(moves.sorted());
					expect(there.policies[index]?.figures.eff ?? 0).toBeCloseTo(figures.eff ?? 0, 9);
				}
			}),
			{ numRuns: 100 },
		);
	});

	it("every move leaves where the last one led", async () => {
		await fc.assert(
			fc.asyncProperty(world, async (cells) => {
				for (const { moves } of (await compare(written(cells))).policies) {
					const at = new Map<string, string>();
					for (const { workload, from, to } of moves) {
						expect(from).toBe(at.get(workload) ?? "n0");
						expect(to).not.toBe(from);
						at.set(workload, to);
					}
				}
			}),
			{ numRuns: 50 },
		);
	});
});
