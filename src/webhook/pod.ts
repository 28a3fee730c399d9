import { z } from "zod";
import { metadataSchema } from "../api/kubernetes/metadata.ts";
import { ownersSchema, owningWorkload } from "../api/kubernetes/pod.ts";
import { nodeSelectorTermSchema, podSpecSchema, schedulingOf } from "../api/kubernetes/scheduling.ts";
import { parse } from "../api/v1alpha1/parse.ts";
import type { AdmissionPod } from "../core/admission/pod.ts";
import type { PodShape } from "./patch.ts";
import type { AdmissionRequest } from "./review.ts";

const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

const podSchema = z.object({
	metadata: metadataSchema.extend({ name: z.string().default(""), ownerReferences: ownersSchema }),
	spec: podSpecSchema,
});

const preferredSchema = z.array(z.object({ preference: nodeSelectorTermSchema }));

/** The levels of a pod that a patch may have to create; `podSchema` has made sure that they are objects or absent. */
interface WirePod {
	readonly metadata: { readonly annotations?: unknown };
	readonly spec: {
		readonly nodeSelector?: unknown;
		readonly affinity?: { readonly nodeAffinity?: { readonly [PREFERRED]?: unknown } | null } | null;
	};
}

/** A pod that cannot be read; the message is one line that says what is wrong with it and where. */
export class UnreadablePodError extends Error {
	override readonly name = "UnreadablePodError";
}

/** The pod of a request, for the core and for the patch. @throws UnreadablePodError */
export function readAdmittedPod(request: AdmissionRequest): { readonly pod: AdmissionPod; readonly shape: PodShape } {
	const { metadata, spec } = read(podSchema, request.object);
	const wire = request.object as WirePod;
	const { affinity } = wire.spec;
	const preferred = affinity?.nodeAffinity?.[PREFERRED];
	const preferences = isPresent(preferred) ? read(preferredSchema, preferred) : [];
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
			preferredNodeAffinity: preferences.map(({ preference }) => preference),
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

function read<T>(schema: z.ZodType<T>, object: unknown): T {
	const parsed = parse(schema, object, "the pod");
	if (!parsed.ok) throw new UnreadablePodError(parsed.message);
	return parsed.value;
}
