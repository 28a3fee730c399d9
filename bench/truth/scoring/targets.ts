import { WINDOW_SECONDS, type Window } from "./latency.ts";

/** Multiples of an app's cost that a target could be. */
const FACTORS = [4, 5, 6, 8, 10, 15] as const;

/** An app's windows, and the CPU time of one of its requests in seconds. */
interface AppWindows {
	readonly windows: readonly Window[];
	readonly cost: number;
}

/**
 * How long apps would have been beyond their targets, in app-seconds, had these been so many times their cost. The run is
 * the same: what was decided was decided for the script's own targets.
 */
export function violationsByTarget(apps: readonly AppWindows[]): ReadonlyMap<number, number> {
	return new Map(
		FACTORS.map((factor) => {
			const beyond = apps.flatMap(({ windows, cost }) => windows.filter(({ mean }) => mean > factor * cost));
			return [factor, beyond.length * WINDOW_SECONDS];
		}),
	);
}
