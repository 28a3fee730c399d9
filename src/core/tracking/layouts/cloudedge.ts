import { experimentFor } from "../experiment.ts";
import type { Tracked, TrackedRun } from "../run.ts";
import { scaleOf } from "../scale.ts";
import { listTags, readListTags, tagsOf, unknownTag } from "../tags.ts";
import { short, type Values } from "../values.ts";
import { byIndex, type LayoutReader, objectionTo } from "./reading.ts";

/**
 * Higher is better. `max_qos` and `max_qos_index` are of the place that the original's actuator would go to: the best
 * of the report. That is the largest value unless a larger one is not feasible, or less certain.
 */
export function cloudedgeRun(tracked: Tracked, { places, known, unknown, best }: Values): TrackedRun {
	const { evaluation, policy, unit } = tracked;
	const scale = scaleOf("cloudedge", { unit, direction: policy.objective.direction });
	const values = known.map(({ index, value }) => [`qos_${index}`, short(value * scale.factor)] as const);
	const numbers = values.map(([, value]) => value);
	const nodes: string[] = [];
	for (const { node, index } of places) nodes[index] = node;
	return {
		layout: "cloudedge",
		experiment: experimentFor("cloudedge", evaluation.workload),
		name: undefined,
		startTime: evaluation.observedAt,
		status: known.length > 0 ? "FINISHED" : "FAILED",
		metrics: [
			...values,
			...(best ? [["max_qos", short(best.value * scale.factor)] as const] : []),
			...deviations(numbers),
		],
		params: best ? { max_qos_index: String(best.index) } : {},
		marks: {},
		tags: tagsOf(tracked, {
			layout: "cloudedge",
			unit: scale.unit,
			turned: scale.isTurned ? "true" : undefined,
			unknown: unknownTag(tracked, unknown),
			// The layout has no place for names: readers need to know which node an index means.
			...listTags(
				"nodes",
				Array.from(nodes, (node) => node ?? ""),
			),
		}),
	};
}

/** Of a sample (not of one value) and of a population. */
function deviations(values: readonly number[]): (readonly [string, number])[] {
	const count = values.length;
	if (count === 0) return [];
	const mean = values.reduce((sum, value) => sum + value, 0) / count;
	const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
	const population = ["population_std_dev", Math.sqrt(squares / count)] as const;
	return count === 1 ? [population] : [["std_dev", Math.sqrt(squares / (count - 1))], population];
}

export const cloudedgeReader: LayoutReader = {
	objection: (run) => objectionTo(run, "cloudedge", run.metrics.has("max_qos")),
	values(run, { selector }) {
		const nodes = selector.nodes.length > 0 ? selector.nodes : readListTags("nodes", run.tags);
		if (!nodes) {
			return "names no nodes; list them in spec.model.predictions.nodes, in the order of qos_0, qos_1, ...";
		}
		return byIndex(run, "qos_", (index) => nodes[Number(index)]);
	},
};
