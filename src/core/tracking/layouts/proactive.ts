import type { Aggregate } from "../../policy/policy.ts";
import { experimentFor } from "../experiment.ts";
import type { Tracked, TrackedRun } from "../run.ts";
import { scaleOf } from "../scale.ts";
import { tagsOf, unknownTag } from "../tags.ts";
import { short, type Values } from "../values.ts";
import { byIndex, type LayoutReader, objectionTo, withoutZeros } from "./reading.ts";

/** What the original calls an aggregate over the horizon; it has no minimum. */
const AGGREGATE_PREFIXES: Readonly<Record<Aggregate, string>> = { Mean: "avg", Max: "max", Min: "min" };

/** Lower is better. Only the objective's own aggregate is predicted, so the other one is left out. */
export function proactiveRun(tracked: Tracked, { known, unknown }: Values, team: string): TrackedRun {
	const { evaluation, policy, unit } = tracked;
	const { direction, aggregate } = policy.objective;
	const scale = scaleOf("proactive", { unit, direction });
	const prefix = AGGREGATE_PREFIXES[aggregate];
	return {
		layout: "proactive",
		experiment: experimentFor("proactive", evaluation.workload),
		name: team,
		startTime: evaluation.observedAt,
		status: known.length > 0 ? "FINISHED" : "FAILED",
		metrics: known.map(({ index, value }) => [`${prefix}_qos_${index}`, short(value * scale.factor)]),
		params: Object.fromEntries(known.map(({ node, index }) => [`cluster_${index}`, node])),
		marks: known.length > 0 ? { last_stage_completed: "qos-upload" } : {},
		tags: tagsOf(tracked, {
			layout: "proactive",
			unit: scale.unit,
			turned: scale.isTurned ? "true" : undefined,
			aggregate,
			unknown: unknownTag(tracked, unknown),
		}),
	};
}

export const proactiveReader: LayoutReader = {
	objection: (run) => objectionTo(run, "proactive", run.params.get("last_stage_completed") === "qos-upload"),
	values(run, { objective: { aggregate } }) {
		const prefix = `${AGGREGATE_PREFIXES[aggregate]}_qos_`;
		return withoutZeros(byIndex(run, prefix, (index) => run.params.get(`cluster_${index}`)));
	},
};
