import { z } from "zod";
import { type RolloutStrategy, type Workload, workloadKey } from "../../core/cluster/workload.ts";
import { type Parsed, parseObject } from "../v1alpha1/parse.ts";
import { annotationsSchema, metadataSchema, stringsSchema } from "./metadata.ts";
import { HASH_LABEL } from "./pod.ts";
import { podSpecSchema, schedulingOf } from "./scheduling.ts";

/**
 * The ReplicaSet of a changed template gets a hash that no pod has yet: with it in the labels, selectors
 * that compare hashes (`matchLabelKeys`) see a new revision. Hashes have no vowels, so none is like it.
 */
const NEW_HASH = "new";

const intOrPercent = z.union([z.int(), z.string()]);

const strategySchema = z.object({
	type: z.enum(["RollingUpdate", "Recreate"]).default("RollingUpdate"),
	rollingUpdate: z
		.object({ maxSurge: intOrPercent.default("25%"), maxUnavailable: intOrPercent.default("25%") })
		.nullish(),
});

const deploymentSchema = z
	.object({
		metadata: metadataSchema.extend({ generation: z.number().default(0) }),
		spec: z.object({
			replicas: z.number().default(1),
			paused: z.boolean().default(false),
			strategy: strategySchema.prefault({}),
			template: z.object({
				metadata: z.object({ labels: stringsSchema, annotations: annotationsSchema }).prefault({}),
				spec: podSpecSchema,
			}),
		}),
		status: z
			.object({
				observedGeneration: z.number().default(0),
				replicas: z.number().default(0),
				updatedReplicas: z.number().default(0),
				availableReplicas: z.number().default(0),
				conditions: z.array(z.object({ type: z.string(), status: z.string(), reason: z.string().nullish() })).nullish(),
			})
			.prefault({}),
	})
	.transform(({ metadata, spec, status }): Workload => {
		const { template, replicas } = spec;
		const labels = { ...template.metadata.labels, [HASH_LABEL]: NEW_HASH };
		const rolledOut =
			status.observedGeneration >= metadata.generation &&
			status.updatedReplicas === replicas &&
			status.replicas === replicas &&
			status.availableReplicas === replicas;
		return {
			key: workloadKey(metadata.namespace, metadata.name),
			namespace: metadata.namespace,
			name: metadata.name,
			uid: metadata.uid,
			resourceVersion: metadata.resourceVersion,
			createdAt: metadata.creationTimestamp ?? 0,
			labels: metadata.labels,
			annotations: metadata.annotations,
			replicas,
			paused: spec.paused,
			strategy: rolloutStrategy(spec.strategy, replicas),
			rolledOut,
			availableReplicas: status.availableReplicas,
			progressDeadlineExceeded:
				status.conditions?.some(
					({ type, status, reason }) =>
						type === "Progressing" && status === "False" && reason === "ProgressDeadlineExceeded",
				) ?? false,
			template: {
				labels,
				annotations: template.metadata.annotations,
				scheduling: schedulingOf(template.spec, { labels }),
			},
		};
	});

/** A Deployment object -> Workload. */
export function parseDeployment(input: unknown): Parsed<Workload> {
	return parseObject(deploymentSchema, input, "Deployment");
}

/**
 * Surge is rounded up and unavailability down; where both come to nothing one pod may be unavailable,
 * or the rollout could not proceed (`ResolveFenceposts` of the Deployment controller).
 */
export function rolloutStrategy(strategy: z.output<typeof strategySchema>, replicas: number): RolloutStrategy {
	if (strategy.type === "Recreate") return { type: "Recreate", maxSurge: 0, maxUnavailable: replicas };
	const { maxSurge, maxUnavailable } = strategy.rollingUpdate ?? { maxSurge: "25%", maxUnavailable: "25%" };
	const surge = podsOf(maxSurge, replicas, Math.ceil);
	const unavailable = podsOf(maxUnavailable, replicas, Math.floor);
	return {
		type: "RollingUpdate",
		maxSurge: surge,
		maxUnavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas),
	};
}

function podsOf(amount: number | string, replicas: number, round: (pods: number) => number): number {
	if (typeof amount === "number") return amount;
	return round((Number.parseInt(amount, 10) * replicas) / 100);
}
