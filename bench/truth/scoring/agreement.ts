import type { Request } from "../requests.ts";
import { mean } from "./latency.ts";
import { type Forecast, within } from "./predictions.ts";

/** How often two ways to find the best node agree. */
export interface Agreement {
	/** Moments at which the best node was better by more than MATTERS than the second. */
	readonly count: number;
	/** Share of them at which the other way found the same node; NaN of none. */
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
	return agreementOf(forecasts, requests, ({ predicted }, probes) => ({
		measured: rank(probes, (own) => mean(own)),
		other: rank(probes, (_own, node) => predicted.get(node)?.value ?? Number.POSITIVE_INFINITY),
	}));
}

/**
 * How often two halves of the same probes, every other one, find the same node the best: how well they can tell. Nobody
 * who predicts can be expected to agree with either more often.
 */
export function agreementOfHalves(forecasts: readonly Forecast[], requests: readonly Request[]): Agreement {
	return agreementOf(forecasts, requests, (_forecast, probes) => ({
		measured: rank(probes, (own) => mean(own.filter((_, index) => index % 2 === 0))),
		other: rank(probes, (own) => mean(own.filter((_, index) => index % 2 === 1))),
	}));
}

/** Latencies of an app's probes over a horizon, by node. */
type Probes = ReadonlyMap<string, readonly number[]>;

interface Ranked {
	readonly node: string;
	readonly value: number;
}

function agreementOf(
	forecasts: readonly Forecast[],
	requests: readonly Request[],
	ways: (
		forecast: Forecast,
		probes: Probes,
	) => { readonly measured: readonly Ranked[]; readonly other: readonly Ranked[] },
): Agreement {
	const byApp = Map.groupBy(
		requests.filter(({ kind, ok }) => kind === "probe" && ok),
		({ app }) => app,
	);
	const hits = forecasts.flatMap((forecast) => {
		const { app, at, horizonSeconds, predicted } = forecast;
		const byNode = Map.groupBy(within(byApp.get(app) ?? [], at, horizonSeconds), ({ node }) => node);
		const probes = new Map(
			[...byNode]
				.filter(([node, own]) => predicted.has(node) && own.length >= LEAST_PROBES)
				.map(([node, own]) => [node, own.map(({ latency }) => latency)]),
		);
		const { measured, other } = ways(forecast, probes);
		const [best, second] = measured;
		if (!best || !second || second.value <= best.value * (1 + MATTERS)) return [];
		return [Number(other[0]?.node === best.node)];
	});
	return { count: hits.length, share: mean(hits) };
}

function rank(probes: Probes, value: (own: readonly number[], node: string) => number): readonly Ranked[] {
	return Array.from(probes, ([node, own]) => ({ node, value: value(own, node) })).toSorted(
		(left, right) => left.value - right.value,
	);
}
