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

export interface Agreement {
	/** Moments at which the best node was better by more than MATTERS than the second. */
	readonly count: number;
	/** Share of them at which the best by prediction was the best by measurement; NaN of none. */
	readonly share: number;
}

/** Differences between nodes below this share are none. */
const MATTERS = 0.1;
const LEAST_PROBES = 3;

/**
 * How often the node with the best prediction is the best by measurement. What an app would have on a node is
 * measured by probes: requests of its cost to a pod that is on every node for that.
 */
export function agreement(forecasts: readonly Forecast[], requests: readonly Request[]): Agreement {
	const byApp = Map.groupBy(
		requests.filter(({ kind, ok }) => kind === "probe" && ok),
		({ app }) => app,
	);
	const hits = forecasts.flatMap(({ app, at, horizonSeconds, predicted }) => {
		const during = within(byApp.get(app) ?? [], at, horizonSeconds);
		const measured = [...Map.groupBy(during, ({ node }) => node)]
			.filter(([node, probes]) => predicted.has(node) && probes.length >= LEAST_PROBES)
			.map(([node, probes]) => ({ node, latency: mean(probes.map(({ latency }) => latency)) }))
			.toSorted((left, right) => left.latency - right.latency);
		const [best, second] = measured;
		if (!best || !second || second.latency <= best.latency * (1 + MATTERS)) return [];
		const chosen = measured.toSorted((left, right) => value(predicted, left.node) - value(predicted, right.node))[0];
		return [Number(chosen?.node === best.node)];
	});
	return { count: hits.length, share: mean(hits) };
}

function value(predicted: Forecast["predicted"], node: string): number {
	return predicted.get(node)?.value ?? Number.POSITIVE_INFINITY;
}

function within(requests: readonly Request[], from: number, seconds: number): readonly Request[] {
	return requests.filter(({ at }) => at >= from && at < from + seconds * 1000);
}
