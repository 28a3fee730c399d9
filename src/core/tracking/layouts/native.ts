import { experimentFor } from "../experiment.ts";
import type { Tracked, TrackedRun } from "../run.ts";
import { tagsOf, unknownTag } from "../tags.ts";
import { short, type Values } from "../values.ts";
import { finiteOf, type LayoutReader, objectionTo } from "./reading.ts";

/** Ours: values with their intervals by the node's name, in the objective's own unit and direction. */
export function nativeRun(tracked: Tracked, { known, unknown, best }: Values): TrackedRun {
	const { evaluation, policy, unit } = tracked;
	const { current, recommended, model, decision } = evaluation;
	const { metric, direction, target, horizonSeconds, aggregate } = policy.objective;
	return {
		layout: "native",
		experiment: experimentFor("native", evaluation.workload),
		name: evaluation.workload,
		startTime: evaluation.observedAt,
		status: known.length > 0 ? "FINISHED" : "FAILED",
		metrics: [
			...known.flatMap(({ node, value, lower, upper }) => [
				[`predicted/${node}`, short(value)] as const,
				[`lower/${node}`, short(lower)] as const,
				[`upper/${node}`, short(upper)] as const,
			]),
			...finite("measured", current.measured.known ? current.measured.value : undefined),
			...finite("gain", recommended?.gain),
			...finite("gain_lower_bound", recommended?.gainLowerBound),
		],
		params: given({
			workload: evaluation.workload,
			policy: policy.name,
			metric,
			unit,
			direction,
			target: target === undefined ? undefined : String(target),
			horizon_seconds: String(horizonSeconds),
			aggregate,
			model: model?.name,
			model_version: model?.version,
			model_sha256: model?.sha256,
			current_node: current.node,
			best_node: best?.node,
			recommended_node: recommended?.node,
			action: decision.action,
			reason: decision.reason,
		}),
		marks: {},
		tags: tagsOf(tracked, { layout: "native", message: decision.message, unknown: unknownTag(tracked, unknown) }),
	};
}

function finite(key: string, value: number | undefined): (readonly [string, number])[] {
	return value !== undefined && Number.isFinite(value) ? [[key, short(value)]] : [];
}

function given(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(values).flatMap(([key, value]) => (value === undefined || value === "" ? [] : [[key, value]])),
	);
}

export const nativeReader: LayoutReader = {
	objection: (run) => objectionTo(run, "native", true),
	values: (run) =>
		finiteOf(run, /^predicted\/(.+)$/).map(({ name, value }) => {
			return { name, value, lower: run.metrics.get(`lower/${name}`), upper: run.metrics.get(`upper/${name}`) };
		}),
};
