import type { WorkloadKey } from "../cluster/workload.ts";
import type { MetricReader } from "../metrics/metric.ts";
import type { Objective } from "../policy/policy.ts";
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
	count: number;
	sum: number;
	max: number;
	min: number;
	/** Up to when measurements were taken in (ms). */
	takenUntil: number;
}

/** Forecasts kept per workload: of a long horizon not every prediction is followed up. */
const MOST_PER_HORIZON = 32;

/** Share of a horizon's steps that must be measured. */
const MEASURED_SHARE = 0.7;

/** What is measured after the horizon still belongs to it for so many steps: samples arrive late. */
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
		const empty = { count: 0, sum: 0, max: Number.NEGATIVE_INFINITY, min: Number.POSITIVE_INFINITY };
		waiting.push({ ...forecast, placement: placementOf(forecast), ...empty, takenUntil: at });
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
			for (const forecast of stayed) take(forecast, metrics, now);
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

function take(forecast: Waiting, metrics: MetricReader, now: number): void {
	const until = Math.min(now, endOf(forecast));
	if (until <= forecast.takenUntil) return;
	const { metric } = forecast.objective;
	// `since` includes its start, which was taken in before.
	for (const value of metrics.since(metric, forecast.workload, forecast.takenUntil + 1, until)) {
		forecast.count += 1;
		forecast.sum += value;
		forecast.max = Math.max(forecast.max, value);
		forecast.min = Math.min(forecast.min, value);
	}
	forecast.takenUntil = until;
}

/** `undefined` when too little was measured. */
function outcomeOf(forecast: Waiting, stepSeconds: number): Outcome | undefined {
	const { workload, basis, objective, here, at, currentNodes, count } = forecast;
	const steps = Math.max(1, Math.floor(objective.horizonSeconds / stepSeconds));
	if (count < Math.ceil(MEASURED_SHARE * steps)) return undefined;
	const actual = { Mean: forecast.sum / count, Max: forecast.max, Min: forecast.min }[objective.aggregate];
	const [node] = currentNodes.keys();
	return {
		workload,
		node: currentNodes.size === 1 && node !== undefined ? node : SPREAD,
		basis,
		raw: here.raw,
		issued: here.calibrated,
		actual,
		at,
		horizonSeconds: objective.horizonSeconds,
	};
}
