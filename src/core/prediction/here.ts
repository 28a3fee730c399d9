import { type Prediction, type PredictionTable, predictionAt } from "./prediction.ts";

/** What a workload is predicted to deliver if it stays, averaged over its pods, before and after calibration. */
export interface Here {
	readonly raw: Prediction;
	readonly calibrated: Prediction;
}

/** Pods by position in a table. */
export type Places = readonly { readonly position: number; readonly pods: number }[];

/** The mean over the pods; `undefined` without pods, or when one of them is where nothing is known. */
export function meanOver(table: PredictionTable, places: Places): Prediction | undefined {
	let pods = 0;
	const sum = { value: 0, lower: 0, upper: 0 };
	for (const place of places) {
		const prediction = predictionAt(table, place.position);
		if (!prediction) return undefined;
		pods += place.pods;
		sum.value += place.pods * prediction.value;
		sum.lower += place.pods * prediction.lower;
		sum.upper += place.pods * prediction.upper;
	}
	if (pods === 0) return undefined;
	return { value: sum.value / pods, lower: sum.lower / pods, upper: sum.upper / pods };
}
