import { z } from "zod";
import type { Resources } from "../../core/cluster/resources.ts";
import { larger, requirementsSchema, resourcesSchema } from "./requests.ts";
import type { PodSpec } from "./scheduling.ts";

const containerStatuses = z
	.array(z.object({ name: z.string(), resources: requirementsSchema, allocatedResources: resourcesSchema }))
	.nullish();

/** What a pod's status says of resources that may differ from those of its spec. */
export const resizeStatusShape = {
	containerStatuses,
	initContainerStatuses: containerStatuses,
	resources: requirementsSchema,
	allocatedResources: resourcesSchema,
};

interface ResizeStatus extends z.output<z.ZodObject<typeof resizeStatusShape>> {
	readonly conditions?:
		| readonly { readonly type: string; readonly reason?: string | null | undefined }[]
		| null
		| undefined;
}

interface Reported {
	readonly resources?: z.output<typeof requirementsSchema>;
	readonly allocatedResources: Resources;
}

/**
 * The spec with the requests that the scheduler counts while a pod is being resized: of what is asked,
 * allocated and in force the most; a resize that cannot be is not counted (`PodRequests` of
 * k8s.io/component-helpers with UseStatusResources).
 */
export function whileResized(spec: PodSpec, status: ResizeStatus): PodSpec {
	const pending = status.conditions?.find(({ type }) => type === "PodResizePending");
	const infeasible = pending?.reason === "Infeasible";
	const reported = new Map<string, Reported>();
	for (const one of [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]) {
		if (one.resources) reported.set(one.name, one);
	}
	if (reported.size === 0 && !status.resources) return spec;

	function resized(asked: PodSpec["resources"], now: Reported | undefined): PodSpec["resources"] {
		if (!now?.resources) return asked;
		const inForce = larger(now.resources.requests, now.allocatedResources);
		return { limits: {}, requests: infeasible ? inForce : larger(asked?.requests ?? {}, inForce) };
	}

	return {
		...spec,
		containers: spec.containers.map((one) => ({ ...one, resources: resized(one.resources, reported.get(one.name)) })),
		initContainers: spec.initContainers.map((one) =>
			one.restartPolicy === "Always" ? { ...one, resources: resized(one.resources, reported.get(one.name)) } : one,
		),
		resources: spec.resources && resized(spec.resources, status),
	};
}
