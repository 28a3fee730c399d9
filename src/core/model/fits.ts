import { knownFeature } from "../features/definitions.ts";
import type { MetricReader } from "../metrics/metric.ts";
import type { Objective } from "../policy/policy.ts";
import type { ModelMetadata, ModelRefusal } from "./model.ts";

/** Bounds and middle of the 90 % interval that every prediction carries. */
export const INTERVAL_QUANTILES = [0.05, 0.5, 0.95] as const;

/** The part of a MetricReader that says what can be measured, and how often. */
export type MetricCatalogue = Pick<MetricReader, "definition" | "stepSeconds" | "steps">;

type Check = (metadata: ModelMetadata, objective: Objective, catalogue: MetricCatalogue) => ModelRefusal | undefined;

const CHECKS: readonly Check[] = [checkDirection, checkTarget, checkTime, checkOutputs, checkFeatures];

/** Why a model cannot answer for an objective with what is measured here; `undefined` when it can. */
export function fits(
	metadata: ModelMetadata,
	objective: Objective,
	catalogue: MetricCatalogue,
): ModelRefusal | undefined {
	for (const check of CHECKS) {
		const refusal = check(metadata, objective, catalogue);
		if (refusal) return refusal;
	}
	return undefined;
}

/** Position of the output column for an aggregate and a quantile, -1 when the model has none. */
export function outputIndex(metadata: ModelMetadata, aggregate: Objective["aggregate"], quantile: number): number {
	return metadata.outputs.findIndex(
		(output) => output.aggregate === aggregate && Math.abs(output.quantile - quantile) < 1e-9,
	);
}

function refuse(reason: ModelRefusal["reason"], metadata: ModelMetadata, problem: string): ModelRefusal {
	return { refused: true, reason, message: `model ${metadata.name} ${metadata.version}: ${problem}` };
}

function checkDirection(metadata: ModelMetadata, objective: Objective): ModelRefusal | undefined {
	if (metadata.target.direction === objective.direction) return undefined;
	return refuse(
		"SchemaMismatch",
		metadata,
		`predicts something to ${metadata.target.direction}, but the objective ${objective.metric} is to ${objective.direction}; set objective.direction or name another model`,
	);
}

function checkTarget(
	metadata: ModelMetadata,
	objective: Objective,
	catalogue: MetricCatalogue,
): ModelRefusal | undefined {
	const { metric, unit } = metadata.target;
	if (metric !== "*" && metric !== objective.metric) {
		return refuse(
			"SchemaMismatch",
			metadata,
			`predicts ${metric}, but the objective is ${objective.metric}; set objective.metric or name another model`,
		);
	}
	const measured = catalogue.definition(objective.metric);
	if (!measured) {
		return refuse(
			"SchemaMismatch",
			metadata,
			`the objective ${objective.metric} is not in the metric catalogue; add it to \`metrics\` in the configuration`,
		);
	}
	if (unit !== "*" && unit !== measured.unit) {
		return refuse(
			"UnitMismatch",
			metadata,
			`predicts in ${unit}, but ${objective.metric} is measured in ${measured.unit}; change the metric's unit and query, or train in ${measured.unit}`,
		);
	}
	return undefined;
}

function checkTime(
	metadata: ModelMetadata,
	objective: Objective,
	catalogue: MetricCatalogue,
): ModelRefusal | undefined {
	const { stepSeconds, horizonSeconds, window } = metadata;
	if (stepSeconds !== undefined && stepSeconds !== catalogue.stepSeconds) {
		return refuse(
			"SchemaMismatch",
			metadata,
			`needs steps of ${stepSeconds} s, but metrics are kept in steps of ${catalogue.stepSeconds} s; change the step in the configuration or train for it`,
		);
	}
	if (window > catalogue.steps) {
		return refuse(
			"SchemaMismatch",
			metadata,
			`needs ${window} steps of history, but ${catalogue.steps} are kept; keep more in the configuration`,
		);
	}
	if (horizonSeconds !== undefined && horizonSeconds !== objective.horizonSeconds) {
		return refuse(
			"SchemaMismatch",
			metadata,
			`looks ${horizonSeconds} s ahead, but objective.horizon is ${objective.horizonSeconds} s; make them equal`,
		);
	}
	return undefined;
}

function checkOutputs(metadata: ModelMetadata, objective: Objective): ModelRefusal | undefined {
	const missing = INTERVAL_QUANTILES.filter((quantile) => outputIndex(metadata, objective.aggregate, quantile) < 0);
	if (missing.length === 0) return undefined;
	return refuse(
		"SchemaMismatch",
		metadata,
		`has no output for aggregate ${objective.aggregate} at quantile ${missing.join(", ")}; set another objective.aggregate or name another model`,
	);
}

function checkFeatures(
	metadata: ModelMetadata,
	_objective: Objective,
	catalogue: MetricCatalogue,
): ModelRefusal | undefined {
	for (const feature of metadata.features) {
		const known = knownFeature(feature.name, catalogue);
		if (!known && feature.default !== undefined && feature.scope === "Workload") continue;
		if (!known) {
			return refuse(
				"SchemaMismatch",
				metadata,
				`needs the feature ${feature.name}, which is neither a metric of the catalogue nor a derived feature; add the metric to the configuration`,
			);
		}
		if (known.scope !== feature.scope) {
			return refuse(
				"SchemaMismatch",
				metadata,
				`needs the feature ${feature.name} per ${feature.scope}, but it is measured per ${known.scope}; correct the model's metadata`,
			);
		}
		if (known.unit !== feature.unit) {
			return refuse(
				"UnitMismatch",
				metadata,
				`needs the feature ${feature.name} in ${feature.unit}, but it is in ${known.unit}; change the metric's unit and query, or train in ${known.unit}`,
			);
		}
		if (known.direction && known.direction !== metadata.target.direction) {
			return refuse(
				"SchemaMismatch",
				metadata,
				`the feature ${feature.name} exists only for objectives to ${known.direction}; drop it from the model`,
			);
		}
	}
	return undefined;
}
