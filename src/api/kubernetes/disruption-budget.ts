import { z } from "zod";
import type { PodDisruptionBudget } from "../../core/cluster/state.ts";
import { labelSelectorSchema, type Parsed, parseObject } from "../v1alpha1/parse.ts";
import { metadataSchema } from "./metadata.ts";

const budgetSchema = z
	.object({
		metadata: metadataSchema.extend({ generation: z.number().default(0) }),
		spec: z.object({ selector: labelSelectorSchema.nullish() }),
		status: z
			.object({ disruptionsAllowed: z.number().default(0), observedGeneration: z.number().default(0) })
			.prefault({}),
	})
	.transform(
		({ metadata, spec, status }): PodDisruptionBudget => ({
			namespace: metadata.namespace,
			name: metadata.name,
			// Absent selects no pods, which a LabelSelector of ours cannot say otherwise.
			selector: spec.selector ?? { matchExpressions: [{ key: metadata.name, operator: "In", values: [] }] },
			// A budget whose controller has not looked at it yet allows nothing, as the eviction API has it.
			disruptionsAllowed: status.observedGeneration < metadata.generation ? 0 : status.disruptionsAllowed,
		}),
	);

/** A PodDisruptionBudget object -> PodDisruptionBudget. */
export function parseDisruptionBudget(input: unknown): Parsed<PodDisruptionBudget> {
	return parseObject(budgetSchema, input, "PodDisruptionBudget");
}
