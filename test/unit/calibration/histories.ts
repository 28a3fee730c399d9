import fc from "fast-check";
import { Calibration } from "../../../src/core/calibration/calibration.ts";
import { type Outcome, SPREAD } from "../../../src/core/calibration/outcome.ts";
import type { WorkloadKey } from "../../../src/core/cluster/workload.ts";
import type { Prediction } from "../../../src/core/prediction/prediction.ts";
import { around, BASIS, calibrated } from "./streams.ts";

const MINUTE = 60_000;
export const DAY = 1_440 * MINUTE;

interface Seen {
	readonly workload?: WorkloadKey;
	readonly node?: string;
	/** Actual over predicted. */
	readonly ratio: number;
	readonly times?: number;
}

/** Outcomes of windows that do not overlap. */
export function outcomes(
	{ workload = "shop/cart", node = "a", ratio, times = 50 }: Seen,
	raw = around(100, 0.2),
): Outcome[] {
	return Array.from({ length: times }, (_, index) => ({
		workload,
		node,
		basis: BASIS,
		raw,
		issued: raw,
		actual: raw.value * ratio,
		at: index * 5 * MINUTE,
		horizonSeconds: 300,
	}));
}

export function learned(...seen: readonly Seen[]): Calibration {
	const calibration = new Calibration();
	seen.forEach((each, stay) => {
		for (const outcome of outcomes(each)) calibration.learn({ ...outcome, at: outcome.at + stay * DAY });
	});
	return calibration;
}

export function table(nodes: readonly string[], values: readonly number[]) {
	return {
		nodes,
		value: Float32Array.from(values),
		lower: Float32Array.from(values, (value) => value - 10),
		upper: Float32Array.from(values, (value) => value + 20),
		extrapolated: new Uint8Array(nodes.length),
	};
}

/** Finite predictions of either sign, neither tiny nor huge. */
export const prediction: fc.Arbitrary<Prediction> = fc
	.record({
		value: fc.double({ min: 1, max: 1000, noNaN: true }),
		below: fc.double({ min: 0.01, max: 1, noNaN: true }),
		above: fc.double({ min: 0.01, max: 1, noNaN: true }),
	})
	.map(({ value, below, above }) => ({ value, lower: value * (1 - below), upper: value * (1 + above) }));
export const ratio = fc.double({ min: 0.3, max: 3, noNaN: true });
export const outcome = fc
	.record({ raw: prediction, ratio, node: fc.constantFrom("a", "b", SPREAD), workload: fc.constantFrom("x/1", "x/2") })
	.map((given) => ({ ...given, workload: given.workload as WorkloadKey }));

export function lived(
	history: readonly { raw: Prediction; ratio: number; node: string; workload: WorkloadKey }[],
	scale = 1,
	calibration = new Calibration(),
) {
	history.forEach(({ raw, ratio, node, workload }, index) => {
		const scaled = ordered({ value: raw.value * scale, lower: raw.lower * scale, upper: raw.upper * scale });
		const issued = calibrated(calibration, scaled, { workload, node, least: Number.NEGATIVE_INFINITY });
		const actual = scaled.value * ratio;
		const at = index * 2 * MINUTE;
		calibration.learn({ workload, node, basis: BASIS, raw: scaled, issued, actual, at, horizonSeconds: 300 });
	});
	return calibration;
}

function ordered({ value, lower, upper }: Prediction): Prediction {
	return { value, lower: Math.min(lower, upper), upper: Math.max(lower, upper) };
}
