import { z } from "zod";
import { HOSTNAME_KEY } from "../../core/cluster/node.ts";
import { type ModelSelector, type Policy, TRACKING_LAYOUTS } from "../../core/policy/policy.ts";
import {
	durationSchema,
	labelSelectorSchema,
	metadataSchema,
	type Parsed,
	parseObject,
	percentSchema,
	positiveDurationSchema,
	quantitySchema,
} from "./parse.ts";

const objective = z.object({
	metric: z.string().min(1),
	direction: z.enum(["Minimize", "Maximize"]),
	target: quantitySchema.refine((target) => target > 0, "must be above zero").optional(),
	horizon: positiveDurationSchema.default(300),
	aggregate: z.enum(["Mean", "Max", "Min"]).default("Mean"),
});

const mlflow = z
	.object({ name: z.string().min(1), alias: z.string().optional(), version: z.string().optional() })
	.refine(
		({ alias, version }) => (alias === undefined) !== (version === undefined),
		"set exactly one of alias and version",
	);

const predictions = z.object({
	layout: z.enum(TRACKING_LAYOUTS),
	experiment: z.string().min(1).optional(),
	run: z.string().min(1).optional(),
	window: positiveDurationSchema.default(600),
	nodes: z.array(z.string()).default([]),
});

const model = z
	.object({
		builtin: z.string().optional(),
		file: z.string().optional(),
		mlflow: mlflow.optional(),
		predictions: predictions.optional(),
	})
	.transform((given, context): ModelSelector => {
		const selectors: ModelSelector[] = [];
		if (given.builtin !== undefined) selectors.push({ kind: "Builtin", name: given.builtin });
		if (given.file !== undefined) selectors.push({ kind: "File", name: given.file });
		if (given.mlflow !== undefined) {
			selectors.push({
				kind: "Mlflow",
				name: given.mlflow.name,
				alias: given.mlflow.alias,
				version: given.mlflow.version,
			});
		}
		if (given.predictions !== undefined) {
			const { layout, experiment, run, window: windowSeconds, nodes } = given.predictions;
			selectors.push({ kind: "Predictions", layout, experiment, run, windowSeconds, nodes });
		}
		const [selector] = selectors;
		if (selector !== undefined && selectors.length === 1) return selector;
		context.issues.push({
			code: "custom",
			message:
				"set exactly one of builtin, file, mlflow and predictions; a patch also sets the default, builtin, to null",
			input: given,
		});
		return z.NEVER;
	});

const placement = z.object({
	topologyKey: z.string().min(1).default(HOSTNAME_KEY),
	candidates: labelSelectorSchema.default({}),
	enforcement: z.enum(["Required", "Preferred"]).default("Required"),
});

const rebalance = z.object({
	trigger: z.enum(["Proactive", "Reactive"]).default("Proactive"),
	minGain: percentSchema.default(0.1),
	confidence: percentSchema
		.refine((confidence) => confidence > 0.5 && confidence < 1, "must be above 50% and below 100%")
		.default(0.9),
	stabilization: z.int().min(1).max(100).default(3),
	cooldown: durationSchema.default(900),
	verifyAfter: positiveDurationSchema.default(300),
	onWorse: z.enum(["Revert", "Keep"]).default("Revert"),
});

const specSchema = z
	.object({
		workloadSelector: labelSelectorSchema,
		mode: z.enum(["Off", "Initial", "Auto"]).default("Off"),
		suspend: z.boolean().default(false),
		objective,
		model: model.default({ kind: "Builtin", name: "headroom" }),
		placement: placement.prefault({}),
		rebalance: rebalance.prefault({}),
	})
	.refine(({ objective, rebalance }) => rebalance.trigger !== "Reactive" || objective.target !== undefined, {
		path: ["objective", "target"],
		message: "is needed by spec.rebalance.trigger Reactive, which waits until it is missed",
	});

const policySchema = z.object({ metadata: metadataSchema, spec: specSchema }).transform(
	({ metadata, spec }): Policy => ({
		namespace: metadata.namespace,
		name: metadata.name,
		uid: metadata.uid,
		generation: metadata.generation,
		createdAt: metadata.creationTimestamp,
		labels: metadata.labels,
		workloadSelector: spec.workloadSelector,
		mode: spec.mode,
		suspend: spec.suspend,
		objective: {
			metric: spec.objective.metric,
			direction: spec.objective.direction,
			target: spec.objective.target,
			horizonSeconds: spec.objective.horizon,
			aggregate: spec.objective.aggregate,
		},
		model: spec.model,
		placement: spec.placement,
		rebalance: {
			trigger: spec.rebalance.trigger,
			minGain: spec.rebalance.minGain,
			confidence: spec.rebalance.confidence,
			stabilization: spec.rebalance.stabilization,
			cooldownSeconds: spec.rebalance.cooldown,
			verifyAfterSeconds: spec.rebalance.verifyAfter,
			onWorse: spec.rebalance.onWorse,
		},
	}),
);

/** A QoSPolicy object -> Policy with every default filled in. Unknown fields are ignored, values are not. */
export function parsePolicy(input: unknown): Parsed<Policy> {
	return parseObject(policySchema, input, "QoSPolicy");
}

/** One thing wrong with a spec. */
export interface PolicyProblem {
	/** Below `spec`. */
	readonly path: readonly (string | number)[];
	readonly message: string;
	/** The values that the field may have, where they are listed. */
	readonly allowed: readonly string[] | undefined;
}

/** All that is wrong with the spec of a QoSPolicy; unknown fields are not looked for. */
export function policyProblems(spec: unknown): readonly PolicyProblem[] {
	return (specSchema.safeParse(spec).error?.issues ?? []).map((issue) => ({
		path: issue.path.map((key) => (typeof key === "number" ? key : String(key))),
		message: issue.message,
		allowed: issue.code === "invalid_value" ? issue.values.map(String) : undefined,
	}));
}
