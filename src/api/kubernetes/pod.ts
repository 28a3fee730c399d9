import { z } from "zod";
import type { Pod } from "../../core/cluster/pod.ts";
import { type WorkloadKey, workloadKey } from "../../core/cluster/workload.ts";
import { type Parsed, parseObject } from "../v1alpha1/parse.ts";
import { metadataSchema, timeSchema } from "./metadata.ts";
import { resizeStatusShape, whileResized } from "./resize.ts";
import { podSpecSchema, schedulingOf } from "./scheduling.ts";

/** On the pods of a ReplicaSet: which revision of the template they are. */
export const HASH_LABEL = "pod-template-hash";

/** Who made an object. */
export const ownersSchema = z
	.array(z.object({ apiVersion: z.string(), kind: z.string(), name: z.string(), controller: z.boolean().optional() }))
	.nullish();

const conditions = z
	.array(
		z.object({
			type: z.string(),
			status: z.string(),
			reason: z.string().nullish(),
			lastTransitionTime: timeSchema.nullish(),
		}),
	)
	.nullish();

const podSchema = z
	.object({
		metadata: metadataSchema.extend({ ownerReferences: ownersSchema, deletionTimestamp: z.string().nullish() }),
		spec: podSpecSchema,
		status: z
			.object({
				phase: z.enum(["Pending", "Running", "Succeeded", "Failed", "Unknown"]).default("Pending"),
				conditions,
				...resizeStatusShape,
			})
			.prefault({}),
	})
	.transform(({ metadata, spec, status }): Pod => {
		const find = (type: string) => status.conditions?.find((condition) => condition.type === type);
		const scheduled = find("PodScheduled");
		const ready = find("Ready");
		const isReady = ready?.status === "True";
		const unschedulable = scheduled?.status === "False" && scheduled.reason === "Unschedulable";
		return {
			uid: metadata.uid,
			namespace: metadata.namespace,
			name: metadata.name,
			labels: metadata.labels,
			annotations: metadata.annotations,
			nodeName: spec.nodeName === "" ? undefined : spec.nodeName,
			phase: status.phase,
			ready: isReady,
			terminating: typeof metadata.deletionTimestamp === "string",
			createdAt: metadata.creationTimestamp ?? 0,
			readySince: isReady ? (ready.lastTransitionTime ?? undefined) : undefined,
			unschedulableSince: unschedulable ? (scheduled.lastTransitionTime ?? metadata.creationTimestamp ?? 0) : undefined,
			workload: owningWorkload(metadata),
			scheduling: schedulingOf(whileResized(spec, status), { labels: metadata.labels, name: metadata.name }),
		};
	});

/** A Pod object -> Pod. */
export function parsePod(input: unknown): Parsed<Pod> {
	return parseObject(podSchema, input, "Pod");
}

/**
 * The Deployment behind a pod's ReplicaSet, whose name is the Deployment's with the template's hash behind
 * it; `undefined` when a Deployment does not own the pod.
 */
export function owningWorkload(pod: {
	readonly namespace: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly ownerReferences?: z.output<typeof ownersSchema>;
}): WorkloadKey | undefined {
	const owner = pod.ownerReferences?.find(({ controller }) => controller === true);
	const suffix = `-${pod.labels[HASH_LABEL] ?? ""}`;
	if (owner?.kind !== "ReplicaSet" || !owner.apiVersion.startsWith("apps/")) return undefined;
	if (suffix === "-" || !owner.name.endsWith(suffix)) return undefined;
	return workloadKey(pod.namespace, owner.name.slice(0, -suffix.length));
}
