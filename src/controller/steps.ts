import type { Telemetry } from "./telemetry.ts";

/** Runs one named step and records how long it took. */
export type TimedStep = <T>(step: string, work: () => T | Promise<T>) => Promise<T>;

/** A run of an action as named, timed steps; the whole run is timed as well. */
export async function runSteps<T>(
	action: string,
	telemetry: Pick<Telemetry, "cycleDuration" | "stepDuration">,
	run: (timed: TimedStep) => Promise<T>,
): Promise<T> {
	const end = telemetry.cycleDuration.startTimer({ action });
	try {
		return await run(async (step, work) => {
			const endStep = telemetry.stepDuration.startTimer({ action, step });
			try {
				return await work();
			} finally {
				endStep();
			}
		});
	} finally {
		end();
	}
}
