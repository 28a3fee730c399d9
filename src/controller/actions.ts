import type { Evaluated } from "../core/pipeline.ts";
import type { Evaluator } from "./evaluation.ts";
import type { JobAction } from "./jobs.ts";
import { runSteps } from "./steps.ts";
import type { Telemetry } from "./telemetry.ts";

export interface ActionOptions {
	readonly evaluator: Evaluator;
	readonly telemetry: Telemetry;
}

/** Predict: evaluates and publishes. */
export function predictAction({ evaluator, telemetry }: ActionOptions): JobAction {
	return (job) => runSteps("Predict", telemetry, async (timed) => summary(await evaluator.run(job, timed)));
}

function summary(evaluated: readonly Evaluated[]): string {
	const counts = new Map<string, number>();
	for (const { evaluation } of evaluated) {
		const { action } = evaluation.decision;
		counts.set(action, (counts.get(action) ?? 0) + 1);
	}
	const parts = [...counts].map(([action, count]) => `${count} ${action}`);
	return `evaluated ${evaluated.length} workloads${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}
