import { z } from "zod";
import { parseQuantity } from "../src/api/v1alpha1/quantity.ts";
import type { ClusterNode, RunningPod } from "./cluster-view.ts";

const conditions = z.array(z.object({ type: z.string(), status: z.string() })).nullish();
const capacity = z.record(z.string(), z.string()).nullish();

const nodeObject = z.object({
	metadata: z.object({ name: z.string() }),
	status: z.object({ capacity, conditions }).nullish(),
});

const podObject = z.object({
	metadata: z.object({
		namespace: z.string(),
		name: z.string(),
		deletionTimestamp: z.string().nullish(),
		labels: z.record(z.string(), z.string()).nullish(),
		ownerReferences: z
			.array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() }))
			.nullish(),
	}),
	spec: z.object({ nodeName: z.string().nullish() }),
	status: z.object({ phase: z.string().nullish(), conditions }).nullish(),
});

/** A Node as the API server sends it. */
export function clusterNode(object: unknown): ClusterNode | undefined {
	const parsed = nodeObject.safeParse(object);
	if (!parsed.success) return undefined;
	const { metadata, status } = parsed.data;
	return {
		name: metadata.name,
		ready: isTrue(status?.conditions, "Ready"),
		cores: parseQuantity(status?.capacity?.["cpu"] ?? "") ?? 1,
		memory: parseQuantity(status?.capacity?.["memory"] ?? "") ?? 0,
	};
}

/** A Pod as the API server sends it; `undefined` when it does not run or no Deployment owns it. */
export function runningPod(object: unknown): RunningPod | undefined {
	const parsed = podObject.safeParse(object);
	if (!parsed.success) return undefined;
	const { metadata, spec, status } = parsed.data;
	const deployment = deploymentOf(metadata);
	if (deployment === undefined || !spec.nodeName || status?.phase !== "Running") return undefined;
	return {
		namespace: metadata.namespace,
		name: metadata.name,
		deployment,
		node: spec.nodeName,
		serving: !metadata.deletionTimestamp && isTrue(status.conditions, "Ready"),
	};
}

/** A Deployment's ReplicaSet is named after it and the hash of its pod template. */
function deploymentOf({ ownerReferences, labels }: z.output<typeof podObject>["metadata"]): string | undefined {
	const owner = ownerReferences?.find(({ controller, kind }) => controller && kind === "ReplicaSet");
	const hash = labels?.["pod-template-hash"];
	return owner && hash && owner.name.endsWith(`-${hash}`) ? owner.name.slice(0, -hash.length - 1) : undefined;
}

function isTrue(of: z.output<typeof conditions>, type: string): boolean {
	return of?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}
