import { isDerived, NODE_CPU_USAGE } from "../features/definitions.ts";
import type { Objective } from "../policy/policy.ts";
import type { ModelMetadata } from "./model.ts";

/**
 * Metrics without which a model says nothing of an objective. Derived features are computed from the objective and
 * the nodes' CPU use; features with a default do without their metric.
 */
export function requiredMetrics(
	{ features }: Pick<ModelMetadata, "features">,
	{ metric }: Objective,
): ReadonlySet<string> {
	const required = new Set([metric]);
	for (const feature of features) {
		if (isDerived(feature.name)) required.add(NODE_CPU_USAGE);
		else if (feature.default === undefined) required.add(feature.name);
	}
	return required;
}
