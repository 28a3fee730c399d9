import { experimentFor } from "../experiment.ts";
import type { Tracked, TrackedRun } from "../run.ts";
import { scaleOf } from "../scale.ts";
import { tagsOf, unknownTag } from "../tags.ts";
import { short, type Values } from "../values.ts";
import { byIndex, type LayoutReader, objectionTo, withoutZeros } from "./reading.ts";

/** Lower is better: `max_qos`, `max_idx` and `max_cluster` are of the *worst* place, as in the original. */
export function reactiveRun(tracked: Tracked, { known, unknown }: Values, team: string): TrackedRun {
	const { evaluation, policy, unit } = tracked;
	const scale = scaleOf("reactive", { unit, direction: policy.objective.direction });
	const values = known.map(({ node, index, value }) => ({ node, index, value: short(value * scale.factor) }));
	const worst = values.reduce<(typeof values)[number] | undefined>(
		(found, one) => (found && found.value >= one.value ? found : one),
		undefined,
	);
	return {
		layout: "reactive",
		experiment: experimentFor("reactive", evaluation.workload),
		name: team,
		startTime: evaluation.observedAt,
		status: worst ? "FINISHED" : "FAILED",
		metrics: [
			...values.map(({ index, value }) => [`qos_${index}`, value] as const),
			...(worst ? [["max_qos", worst.value] as const, ["max_idx", worst.index] as const] : []),
		],
		params: Object.fromEntries(values.map(({ node, index }) => [`cluster_${index}`, node])),
		marks: worst ? { max_cluster: worst.node } : {},
		tags: tagsOf(tracked, {
			layout: "reactive",
			unit: scale.unit,
			turned: scale.isTurned ? "true" : undefined,
			unknown: unknownTag(tracked, unknown),
		}),
	};
}

export const reactiveReader: LayoutReader = {
	objection: (run) => objectionTo(run, "reactive", run.params.has("max_cluster")),
	values: (run) => withoutZeros(byIndex(run, "qos_", (index) => run.params.get(`cluster_${index}`))),
};
