import type { EntityLabels } from "./query.ts";

/** Finds the Deployment of a pod; `undefined` when the pod is unknown or belongs to none. */
export type ResolvePod = (namespace: string, pod: string) => { readonly workload: string } | undefined;

/** Whose measurement a series is. */
export interface Owner {
	/** Node name or `namespace/name` of a Deployment. */
	readonly entity: string;
	/** The entity is measured through this pod, which still exists. */
	readonly livePod: boolean;
}

/**
 * Reads the owner of a series from its labels. Pods are remembered for as long as their history is
 * asked for, so that a step does not change when a pod that took part in it is deleted.
 */
export class Attribution {
	private readonly resolvePod: ResolvePod;
	private readonly remembered = new Map<string, { workload: string; seenAt: number }>();

	constructor(resolvePod: ResolvePod) {
		this.resolvePod = resolvePod;
	}

	/** The owner, or `undefined` when the labels name none that is known. */
	ownerOf(series: Readonly<Record<string, string>>, labels: EntityLabels, now: number): Owner | undefined {
		if (labels.node !== undefined) return named(series[labels.node]);
		const namespace = series[labels.namespace ?? "namespace"];
		if (!namespace) return undefined;
		if (labels.workload !== undefined) {
			const workload = series[labels.workload];
			return workload ? named(`${namespace}/${workload}`) : undefined;
		}
		const pod = series[labels.pod ?? "pod"];
		return pod ? this.ownerOfPod(namespace, pod, now) : undefined;
	}

	/** Drops pods not seen since `oldest` (ms). */
	prune(oldest: number): void {
		for (const [key, { seenAt }] of this.remembered) {
			if (seenAt < oldest) this.remembered.delete(key);
		}
	}

	private ownerOfPod(namespace: string, pod: string, now: number): Owner | undefined {
		const key = `${namespace}/${pod}`;
		const live = this.resolvePod(namespace, pod);
		if (live) {
			this.remembered.set(key, { workload: live.workload, seenAt: now });
			return { entity: live.workload, livePod: true };
		}
		const before = this.remembered.get(key);
		return before && { entity: before.workload, livePod: false };
	}
}

function named(entity: string | undefined): Owner | undefined {
	return entity ? { entity, livePod: false } : undefined;
}
