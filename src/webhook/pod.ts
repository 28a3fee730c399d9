import { z } from "zod";
import { metadataSchema } from "../api/kubernetes/metadata.ts";
import { ownersSchema, owningWorkload } from "../api/kubernetes/pod.ts";
import { nodeSelectorTermSchema, podSpecSchema, schedulingOf } from "../api/kubernetes/scheduling.ts";
import type { AdmissionPod } from "../core/admission/pod.ts";
import type { PodShape } from "./patch.ts";
import type { AdmissionRequest } from "./review.ts";

const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

const podSchema = z.object({
	metadata: metadataSchema.extend({ name: z.string().default(""), ownerReferences: ownersSchema }),
	spec: podSpecSchema,
});

/** The levels of a pod that a patch may have to create. */
const shapeSchema = z.object({
	metadata: z.object({ annotations: z.unknown().optional() }),
	spec: z.object({
		nodeSelector: z.unknown().optional(),
		affinity: z
			.object({
				nodeAffinity: z
					.object({ [PREFERRED]: z.array(z.object({ preference: nodeSelectorTermSchema })).nullish() })
					.nullish(),
			})
			.nullish(),
	}),
});

/** The pod of a request, for the core and for the patch. @throws z.ZodError */
export function readAdmittedPod(request: AdmissionRequest): { readonly pod: AdmissionPod; readonly shape: PodShape } {
	const { metadata, spec } = podSchema.parse(request.object);
	const wire = shapeSchema.parse(request.object);
	const { affinity } = wire.spec;
	const preferred = affinity?.nodeAffinity?.[PREFERRED];
	// A pod of a ReplicaSet carries no namespace of its own yet.
	const { namespace } = request;
	const { name, labels, annotations, ownerReferences } = metadata;
	return {
		pod: {
			uid: metadata.uid === "" ? request.uid : metadata.uid,
			namespace,
			name,
			labels,
			annotations,
			nodeName: spec.nodeName === "" ? undefined : spec.nodeName,
			workload: owningWorkload({ namespace, labels, ownerReferences }),
			scheduling: schedulingOf(spec, { labels, name: name === "" ? undefined : name }),
			ownerKind: ownerReferences?.find(({ controller }) => controller === true)?.kind,
			preferredNodeAffinity: preferred?.map(({ preference }) => preference) ?? [],
		},
		shape: {
			annotations: isPresent(wire.metadata.annotations),
			nodeSelector: isPresent(wire.spec.nodeSelector),
			affinity: isPresent(affinity),
			nodeAffinity: isPresent(affinity?.nodeAffinity),
			preferredNodeAffinity: isPresent(preferred),
		},
	};
}

function isPresent(value: unknown): boolean {
	return value !== undefined && value !== null;
}
