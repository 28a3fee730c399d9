import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Calibration } from "../../../src/core/calibration/calibration.ts";
import { DAY, learned, lived, outcome, outcomes, prediction, ratio, table } from "./histories.ts";
import { around, BASIS, calibrated, live, normal, random, subject } from "./streams.ts";

describe("without data", () => {
	it("changes nothing", () => {
		fc.assert(
			fc.property(prediction, (raw) => {
				const given = table(["a", "b"], [raw.value, 2 * raw.value]);
				const before = structuredClone(given);
				new Calibration().calibrate(subject(), given);
				expect(given).toEqual(before);
			}),
		);
	});

	it("takes nothing from predictions of another model or objective", () => {
		const calibration = learned({ ratio: 2 });
		const given = table(["a"], [100]);
		calibration.calibrate({ ...subject(), basis: "another" }, given);
		expect(given.value[0]).toBe(100);
		expect(given.upper[0]).toBe(120);
	});

	it("learns nothing from what is Unknown", () => {
		const calibration = learned({ ratio: 1.2 });
		const before = calibrated(calibration, around(100, 0.2));
		const [known] = outcomes({ ratio: 1 });
		if (!known) throw new Error("no outcome");
		const gap = { value: Number.NaN, lower: Number.NaN, upper: Number.NaN };
		for (const unknown of [
			{ actual: Number.NaN },
			{ actual: Number.POSITIVE_INFINITY },
			{ raw: gap },
			{ issued: gap },
		]) {
			calibration.learn({ ...known, ...unknown, at: 2 * DAY });
		}
		expect(calibrated(calibration, around(100, 0.2))).toEqual(before);
	});

	it("leaves what is Unknown so", () => {
		const given = table(["a", "b"], [Number.NaN, 100]);
		learned({ ratio: 2 }).calibrate(subject(), given);
		expect([given.value[0], given.lower[0], given.upper[0]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
		expect(given.value[1]).toBeGreaterThan(100);
	});
});

describe("bias", () => {
	it("is removed, whatever its size and the unit", () => {
		fc.assert(
			fc.property(ratio, fc.double({ min: 1e-4, max: 1e4, noNaN: true }), (factor, unit) => {
				const calibration = new Calibration();
				for (const each of outcomes({ ratio: factor }, around(unit, 0.2))) calibration.learn(each);
				const left = calibrated(calibration, around(unit, 0.2)).value / unit / factor;
				// A bias of half or double may be shrunk by a little.
				expect(Math.abs(left - 1)).toBeLessThan(0.06);
			}),
			{ numRuns: 50 },
		);
	});

	it("is removed from noise, and none is put into what has none", () => {
		for (const bias of [0.7, 1, 1.4]) {
			const draw = normal(random(7));
			const score = live(
				new Calibration(),
				{ steps: 4_000, measured: () => 100 * bias * (1 + 0.2 * draw()), predicted: () => around(100, 0.1) },
				1_000,
			);
			expect(Math.abs(score.meanError)).toBeLessThan(1.5);
		}
	});

	it("that is only chance is left alone", () => {
		const draw = normal(random(11));
		const noise = Array.from({ length: 3_000 }, draw);
		const stream = {
			steps: 3_000,
			measured: (step: number) => 100 + 30 * (noise[step] ?? 0),
			predicted: () => around(100, 0.1),
		};
		const errors = noise
			.slice(500, 2_990)
			.map((_, index) => noise.slice(501 + index, 511 + index).reduce((sum, value) => sum + 3 * value, 0));
		const without = errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;
		expect(live(new Calibration(), stream, 500).meanAbsoluteError).toBeLessThan(1.01 * without);
	});

	it("is not led astray by wild outliers", () => {
		const calibration = new Calibration();
		const raw = around(100, 0.2);
		outcomes({ ratio: 1, times: 200 }).forEach((each, index) => {
			calibration.learn({ ...each, actual: index % 20 === 19 ? 1e6 : each.actual });
		});
		expect(calibrated(calibration, raw).value).toBeGreaterThan(97);
		expect(calibrated(calibration, raw).value).toBeLessThan(106);
	});

	it("follows a change", () => {
		const calibration = learned({ ratio: 1 });
		for (const each of outcomes({ ratio: 1.5, times: 100 })) calibration.learn({ ...each, at: each.at + DAY });
		expect(calibrated(calibration, around(100, 0.2)).value).toBeGreaterThan(140);
	});
});

describe("shrinkage", () => {
	it("hardly believes a single outcome and believes many", () => {
		const value = (times: number) => {
			const calibration = new Calibration();
			for (const each of outcomes({ ratio: 1.5, times })) calibration.learn(each);
			return calibrated(calibration, around(100, 0.2)).value;
		};
		expect(value(1)).toBeLessThan(value(5));
		expect(value(5)).toBeLessThan(value(50));
		expect(value(50)).toBeGreaterThan(145);
	});

	it("gives a pair without data the effects of its workload and its node", () => {
		// Everything of x/slow is 1.4 times as long, everything on node "bad" 1.3 times.
		const apps = ["x/1", "x/2", "x/3", "x/slow"] as const;
		const calibration = learned(
			...apps.flatMap((workload) =>
				["a", "b", "c", "bad"]
					.filter((node) => !(workload === "x/slow" && node === "bad"))
					.map((node) => ({
						workload,
						node,
						ratio: (workload === "x/slow" ? 1.4 : 1) * (node === "bad" ? 1.3 : 1),
						times: 20,
					})),
			),
		);
		const raw = around(100, 0.2);
		const onBad = calibrated(calibration, raw, { workload: "x/slow", node: "bad", on: ["a"] }).value;
		const newcomer = calibrated(calibration, raw, { workload: "x/new", node: "bad", on: ["a"] }).value;
		const elsewhere = calibrated(calibration, raw, { workload: "x/slow", node: "z", on: ["a"] }).value;
		expect(newcomer).toBeGreaterThan(115);
		expect(newcomer).toBeLessThan(130);
		expect(elsewhere).toBeGreaterThan(125);
		expect(elsewhere).toBeLessThan(142);
		expect(onBad / 100).toBeCloseTo((newcomer * elsewhere) / 100 ** 2, 2);
	});

	it("is not changed by the order of the nodes in a table", () => {
		fc.assert(
			fc.property(
				fc.array(outcome, { minLength: 1, maxLength: 30 }),
				fc.shuffledSubarray(["a", "b", "c", "d"], { minLength: 4 }),
				(history, nodes) => {
					const calibration = lived(history);
					const straight = table(["a", "b", "c", "d"], [100, 110, 120, 130]);
					const shuffled = table(
						nodes,
						nodes.map((node) => straight.value[straight.nodes.indexOf(node)] ?? Number.NaN),
					);
					calibration.calibrate(subject({ workload: "x/1", node: "b" }), straight);
					calibration.calibrate(subject({ workload: "x/1", node: "b" }), shuffled);
					nodes.forEach((node, row) => {
						const other = straight.nodes.indexOf(node);
						expect([shuffled.value[row], shuffled.lower[row], shuffled.upper[row]]).toEqual([
							straight.value[other],
							straight.lower[other],
							straight.upper[other],
						]);
					});
				},
			),
		);
	});
});

describe("intervals", () => {
	it("hold their value, and never cross", () => {
		fc.assert(
			fc.property(
				fc.array(outcome, { maxLength: 50 }),
				prediction,
				fc.constantFrom("a", "b", "c"),
				(history, raw, node) => {
					const { value, lower, upper } = calibrated(lived(history), raw, { workload: "x/1", node });
					expect(lower).toBeLessThanOrEqual(value);
					expect(upper).toBeGreaterThanOrEqual(value);
				},
			),
		);
	});

	it("are narrowed where the workload is, and not where it is not", () => {
		const calibration = learned({ ratio: 1, times: 100 });
		const raw = around(100, 0.5);
		const here = calibrated(calibration, raw, { node: "a" });
		const there = calibrated(calibration, raw, { node: "b", on: ["a"] });
		expect(here.upper - here.lower).toBeLessThan(20);
		expect(there.upper - there.lower).toBeGreaterThanOrEqual(100);
	});

	it("of a new workload are as wide as those of the others have to be", () => {
		const calibration = new Calibration();
		const draw = normal(random(3));
		for (const workload of ["x/1", "x/2", "x/3"] as const) {
			live(calibration, { steps: 2_000, measured: () => 100 + 60 * draw(), predicted: () => around(100, 0.02) }, 0, {
				workload,
			});
		}
		const { lower, upper } = calibrated(calibration, around(100, 0.02), { workload: "x/new" });
		// Means of ten: 60 / sqrt(10) on either side, times 1.645.
		expect(upper - lower).toBeGreaterThan(40);
		expect(upper - lower).toBeLessThan(90);
	});

	it("come near the least value of the metric and are never below", () => {
		const calibration = learned({ ratio: 0.1, times: 10 });
		const { lower } = calibrated(calibration, around(100, 0.9));
		expect(lower).toBeGreaterThan(0);
		expect(lower).toBeLessThan(0.01);
		expect(calibrated(calibration, around(100, 1)).lower).toBe(0);
		expect(calibrated(calibration, around(100, 0.9), { least: Number.NEGATIVE_INFINITY }).lower).toBeLessThan(0);
	});
});

describe("a promise", () => {
	const promised = around(100, 0.2);
	const arrival = { workload: "shop/cart", node: "b", basis: BASIS, issued: promised, actual: 150, at: 0 } as const;

	it("that was not kept is made less of the next time, for elsewhere only", () => {
		const calibration = learned({ ratio: 1 });
		calibration.learnArrival(arrival);
		const there = calibrated(calibration, around(100, 0.2), { node: "b", on: ["a"] });
		const onceThere = calibrated(calibration, around(100, 0.2), { node: "b" });
		expect(there.value).toBeGreaterThan(115);
		expect(there.upper - there.lower).toBeGreaterThan(40);
		expect(onceThere.value).toBeCloseTo(100, 0);
	});

	it("that becomes right is right at last", () => {
		const calibration = new Calibration();
		for (let move = 0; move < 40; move += 1) {
			const issued = calibrated(calibration, promised, { node: "b", on: ["a"] });
			calibration.learnArrival({ ...arrival, issued, actual: 150 });
		}
		expect(calibrated(calibration, promised, { node: "b", on: ["a"] }).value).toBeCloseTo(150, -1);
	});
});
