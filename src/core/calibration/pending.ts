import type { WorkloadKey } from "../cluster/workload.ts";
import type { MetricReader } from "../metrics/metric.ts";
import type { Aggregate, Objective } from "../policy/policy.ts";
import type { Here } from "../prediction/here.ts";
import { type Outcome, SPREAD } from "./outcome.ts";

/** Where a workload's pods are, and since when the newest of them (ms). */
export interface Whereabouts {
	readonly currentNodes: ReadonlyMap<string, number>;
	readonly settledSince: number | undefined;
}

/** A prediction for where a workload is. */
export interface Forecast extends Whereabouts {
	readonly workload: WorkloadKey;
	readonly basis: string;
	readonly objective: Objective;
	readonly here: Here;
	/** ms since the epoch. */
	readonly at: number;
}

/** A forecast on its way to its outcome, with what was measured so far. */
interface Waiting extends Forecast {
	readonly placement: string;
	readonly values: number[];
	/** Up to when measurements were taken in (ms). */
	takenUntil: number;
}

/** Forecasts kept per workload: of a long horizon not every prediction is followed up. */
const MOST_PER_HORIZON = 32;

/** Share of a horizon's steps that must be measured. */
const MEASURED_SHARE = 0.7;

/** Samples arrive up to so many steps late. */
const LATE_STEPS = 1;

/**
 * Forecasts whose horizon has not passed. Only those become outcomes whose workload stayed where it was,
 * with the same pods, and was measured nearly all the time.
 */
export class PendingForecasts {
	private readonly waiting = new Map<WorkloadKey, Waiting[]>();

	/** Takes a forecast in, unless the one before it was made just now. */
	add(forecast: Forecast, stepSeconds: number): void {
		const { workload, objective, at } = forecast;
		const waiting = this.waiting.get(workload) ?? [];
		const spacing = Math.max(stepSeconds / 2, objective.horizonSeconds / MOST_PER_HORIZON) * 1000;
		const newest = waiting.at(-1);
		if (newest && at < newest.at + spacing) return;
		waiting.push({ ...forecast, placement: placementOf(forecast), values: [], takenUntil: at });
		this.waiting.set(workload, waiting);
	}

	/**
	 * Takes new measurements in, and hands out what came of forecasts whose horizon has passed by `now` (ms).
	 * `whereabouts` is `undefined` of what is gone.
	 */
	resolve(
		metrics: MetricReader,
		whereabouts: (workload: WorkloadKey) => Whereabouts | undefined,
		now: number,
	): Outcome[] {
		const outcomes: Outcome[] = [];
		const late = LATE_STEPS * metrics.stepSeconds * 1000;
		for (const [workload, waiting] of this.waiting) {
			const place = whereabouts(workload);
			const placement = place && placementOf(place);
			const stayed = waiting.filter((forecast) => forecast.placement === placement);
			for (const forecast of stayed) take(forecast, metrics, now - late);
			const due = stayed.filter((forecast) => now >= endOf(forecast) + late);
			outcomes.push(...due.flatMap((forecast) => outcomeOf(forecast, metrics.stepSeconds) ?? []));
			const rest = stayed.filter((forecast) => now < endOf(forecast) + late);
			if (rest.length > 0) this.waiting.set(workload, rest);
			else this.waiting.delete(workload);
		}
		return outcomes;
	}
}

function endOf({ at, objective }: Forecast): number {
	return at + objective.horizonSeconds * 1000;
}

/** The same as long as no pod came, went or was replaced. */
function placementOf({ currentNodes, settledSince }: Whereabouts): string {
	return JSON.stringify([settledSince, ...[...currentNodes].toSorted(([left], [right]) => (left < right ? -1 : 1))]);
}

/** Late samples have come by `until` (ms). */
function take(forecast: Waiting, metrics: MetricReader, measuredUntil: number): void {
	const until = Math.min(measuredUntil, endOf(forecast));
	if (until <= forecast.takenUntil) return;
	const { metric } = forecast.objective;
	// `since` includes its start, which was taken in before.
	forecast.values.push(...metrics.since(metric, forecast.workload, forecast.takenUntil + 1, until));
	forecast.takenUntil = until;
}

/** The aggregate of what was measured; NaN of nothing. */
export function aggregated(values: readonly number[], aggregate: Aggregate): number {
	switch (aggregate) {
		case "Mean":
			return values.reduce((sum, value) => sum + value, 0) / values.length;
		case "Max":
			return values.length === 0 ? Number.NaN : Math.max(...values);
		case "Min":
			return values.length === 0 ? Number.NaN : Math.min(...values);
	}
}

/** `undefined` when too little was measured. */
function outcomeOf(forecast: Waiting, stepSeconds: number): Outcome | undefined {
	const { workload, basis, objective, here, at, currentNodes, values } = forecast;
	const steps = Math.max(1, Math.floor(objective.horizonSeconds / stepSeconds));
	if (values.length < Math.ceil(MEASURED_SHARE * steps)) return undefined;
	const [node] = currentNodes.keys();
	return {
		workload,
		node: currentNodes.size === 1 && node !== undefined ? node : SPREAD,
		basis,
		raw: here.raw,
		issued: here.calibrated,
		actual: aggregated(values, objective.aggregate),
		at,
		horizonSeconds: objective.horizonSeconds,
	};
}
