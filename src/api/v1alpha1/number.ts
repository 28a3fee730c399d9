import type { Prediction } from "../../core/prediction/prediction.ts";

/** Six significant digits: what a prediction is worth, and what `kubectl get` can show. */
export function rounded(value: number): number {
	return Number(value.toPrecision(6));
}

export function roundedPrediction({ value, lower, upper }: Prediction): Prediction {
	return { value: rounded(value), lower: rounded(lower), upper: rounded(upper) };
}
