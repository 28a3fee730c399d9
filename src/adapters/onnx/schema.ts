import { z } from "zod";
import { NODE_CPU_UTILIZATION_AFTER_MOVE } from "../../core/features/definitions.ts";
import type { ModelMetadata } from "../../core/model/model.ts";

const bound = (infinite: number) =>
	z
		.number()
		.nullish()
		.transform((value) => value ?? infinite);

const feature = z
	.object({
		name: z.string().min(1),
		unit: z.string().min(1),
		scope: z.enum(["Node", "Workload", "Pair"]),
		min: bound(Number.NEGATIVE_INFINITY),
		max: bound(Number.POSITIVE_INFINITY),
		default: z
			.number()
			.nullish()
			.transform((value) => value ?? undefined),
		history: z
			.literal("SinceChange")
			.nullish()
			.transform((value) => value ?? undefined),
	})
	.refine(({ min, max }) => min <= max, { error: "min is above max" })
	.refine(({ scope, default: standIn }) => standIn === undefined || scope === "Workload", {
		error: "only features of scope Workload have a default",
	})
	.refine(({ name, history }) => history === undefined || name === NODE_CPU_UTILIZATION_AFTER_MOVE, {
		error: `only ${NODE_CPU_UTILIZATION_AFTER_MOVE} has a history of its own kind`,
	});

const output = z.object({
	aggregate: z.enum(["Mean", "Max", "Min"]),
	quantile: z.number().gt(0).lt(1),
});

const seconds = z
	.number()
	.positive()
	.nullish()
	.transform((value) => value ?? undefined);

/** The contract that a model file carries as JSON; absent or null bounds of a feature are infinite. */
export const metadataSchema: z.ZodType<ModelMetadata> = z.object({
	schema: z.literal("kubectl-qos.dev/model/v1"),
	name: z.string().min(1),
	version: z.string().min(1),
	window: z.int().min(1).max(10_000),
	stepSeconds: seconds,
	horizonSeconds: seconds,
	features: z.array(feature).min(1).max(1000),
	outputs: z.array(output).min(1).max(1000),
	target: z.object({
		metric: z.string().min(1),
		unit: z.string().min(1),
		direction: z.enum(["Minimize", "Maximize"]),
	}),
});
