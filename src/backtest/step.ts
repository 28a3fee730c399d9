import type { Tick } from "./trace/ticks.ts";

/** Ticks that are looked at before the first decision, to know how far they lie apart. */
const LOOK_AHEAD_TICKS = 100;
/** Fewer where ticks are large. */
const LOOK_AHEAD_ROWS = 50_000;
/** Of a trace with one tick only: the controller's own rhythm. */
const DEFAULT_STEP_SECONDS = 300;

/** Seconds between two ticks, by workload. */
export interface Steps {
	of(workload: string): number;
}

/** Holds back the first ticks until their rhythm is known, and gives them all with it. */
export async function* withSteps(ticks: AsyncIterable<Tick>): AsyncGenerator<{ tick: Tick; steps: Steps }> {
	const held: Tick[] = [];
	let rows = 0;
	let steps: Steps | undefined;
	for await (const tick of ticks) {
		if (steps) {
			yield { tick, steps };
			continue;
		}
		held.push(tick);
		rows += tick.rows;
		if (held.length < LOOK_AHEAD_TICKS && (held.length < 3 || rows < LOOK_AHEAD_ROWS)) continue;
		steps = stepsOf(held);
		for (const one of held.splice(0)) yield { tick: one, steps };
	}
	if (!steps) {
		steps = stepsOf(held);
		for (const tick of held) yield { tick, steps };
	}
}

/** The median distance of the ticks in which a workload has rows; of all ticks where it has one only. */
function stepsOf(ticks: readonly Tick[]): Steps {
	const times = new Map<string, number[]>();
	for (const { time, workloads } of ticks) {
		for (const { workload } of workloads) {
			const own = times.get(workload);
			if (own) own.push(time);
			else times.set(workload, [time]);
		}
	}
	const overall = medianDistance(ticks.map(({ time }) => time)) ?? DEFAULT_STEP_SECONDS;
	const known = new Map([...times].map(([workload, own]) => [workload, medianDistance(own) ?? overall]));
	return { of: (workload) => known.get(workload) ?? overall };
}

function medianDistance(times: readonly number[]): number | undefined {
	const distances = times.slice(1).map((time, index) => (time - (times[index] as number)) / 1000);
	return distances.sort((left, right) => left - right)[Math.floor(distances.length / 2)];
}
