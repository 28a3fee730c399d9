import type { Request } from "../requests.ts";
import { mean } from "./latency.ts";

/** What was predicted of one app at one moment, in seconds of latency. */
export interface Forecast {
	readonly app: string;
	/** ms since the epoch. */
	readonly at: number;
	readonly horizonSeconds: number;
	/** What the controller saw last, in seconds. */
	readonly measured?: number | undefined;
	/** Where the app is; absent: on several nodes, or none. */
	readonly node: string | undefined;
	/** By node: the mean over the horizon if the app were there. */
	readonly predicted: ReadonlyMap<string, { readonly value: number; readonly lower: number; readonly upper: number }>;
}

/** What changed less than so many seconds ago is not in the measurements yet. */
const SETTLING_SECONDS = 30;

/** Whether the world was the same over the horizon and shortly before. @param changes times in ms since the epoch */
export function isWorldSettled(
	{ at, horizonSeconds }: Pick<Forecast, "at" | "horizonSeconds">,
	changes: readonly number[],
): boolean {
	const [from, to] = [at - SETTLING_SECONDS * 1000, at + horizonSeconds * 1000];
	return changes.every((change) => change < from || change > to);
}

/** A prediction beside what was measured. */
export interface Followed {
	readonly app: string;
	readonly node: string;
	readonly at: number;
	/** Relative: 0.1 is a tenth too high. */
	readonly error: number;
	readonly isCovered: boolean;
}

/** A mean of fewer requests says little. */
const LEAST_REQUESTS = 10;

/**
 * Predictions for where an app was, beside the mean of what its requests took there over the horizon. What moved
 * meanwhile, had a request fail, or was asked for too little is left out.
 */
export function followUp(forecasts: readonly Forecast[], requests: readonly Request[]): readonly Followed[] {
	const byApp = Map.groupBy(
		requests.filter(({ kind }) => kind === "request"),
		({ app }) => app,
	);
	return forecasts.flatMap(({ app, at, horizonSeconds, node, predicted }) => {
		const here = node === undefined ? undefined : predicted.get(node);
		if (node === undefined || !here) return [];
		const during = within(byApp.get(app) ?? [], at, horizonSeconds);
		if (during.length < LEAST_REQUESTS || during.some((request) => request.node !== node || !request.ok)) return [];
		const measured = mean(during.map(({ latency }) => latency));
		const isCovered = here.lower <= measured && measured <= here.upper;
		return [{ app, node, at, error: here.value / measured - 1, isCovered }];
	});
}

export interface PredictionFigures {
	readonly count: number;
	/** Mean absolute relative error. */
	readonly error: number;
	/** Mean relative error. */
	readonly bias: number;
	/** Share of measurements within the interval. */
	readonly coverage: number;
}

export function predictionFigures(followed: readonly Followed[]): PredictionFigures {
	return {
		count: followed.length,
		error: mean(followed.map(({ error }) => Math.abs(error))),
		bias: mean(followed.map(({ error }) => error)),
		coverage: mean(followed.map(({ isCovered }) => Number(isCovered))),
	};
}

export function within(requests: readonly Request[], from: number, seconds: number): readonly Request[] {
	return requests.filter(({ at }) => at >= from && at < from + seconds * 1000);
}
