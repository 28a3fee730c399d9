import { z } from "zod";
import type { NodeSelectorTerm } from "../../core/cluster/selectors.ts";
import type { VolumeClaim, VolumeZone } from "../../core/cluster/state.ts";
import { type Parsed, parseObject } from "../v1alpha1/parse.ts";
import { metadataSchema } from "./metadata.ts";
import { nodeSelectorSchema } from "./scheduling.ts";

/** A PersistentVolume as far as placement needs it. */
export interface Volume {
	readonly name: string;
	readonly nodeAffinity: readonly NodeSelectorTerm[] | undefined;
	readonly zones: readonly VolumeZone[];
}

/** A PersistentVolumeClaim before it is joined with its volume. */
export interface Claim extends Pick<VolumeClaim, "namespace" | "name" | "refusal" | "singleNode" | "singlePod"> {
	/** Absent until it is bound. */
	readonly volumeName: string | undefined;
}

const ZONE_KEYS = [
	"failure-domain.beta.kubernetes.io/zone",
	"failure-domain.beta.kubernetes.io/region",
	"topology.kubernetes.io/zone",
	"topology.kubernetes.io/region",
];
/** Between the zones of a volume that reaches several. */
const ZONE_DELIMITER = "__";

function zonesOf(labels: Readonly<Record<string, string>>): VolumeZone[] {
	return ZONE_KEYS.flatMap((key) => {
		const value = labels[key];
		return value === undefined ? [] : [{ key, values: value.split(ZONE_DELIMITER) }];
	});
}

const volumeSchema = z
	.object({
		metadata: metadataSchema,
		spec: z.object({ nodeAffinity: z.object({ required: nodeSelectorSchema.nullish() }).nullish() }),
	})
	.transform(
		({ metadata, spec }): Volume => ({
			name: metadata.name,
			nodeAffinity: spec.nodeAffinity?.required?.nodeSelectorTerms,
			zones: zonesOf(metadata.labels),
		}),
	);

const SINGLE_NODE_MODES = new Set(["ReadWriteOnce", "ReadWriteOncePod"]);

const claimSchema = z
	.object({
		metadata: metadataSchema.extend({ deletionTimestamp: z.string().nullish() }),
		spec: z.object({
			volumeName: z.string().optional(),
			storageClassName: z.string().nullish(),
			accessModes: z.array(z.string()).nullish(),
		}),
		status: z.object({ phase: z.string().default("Pending") }).prefault({}),
	})
	.transform((input): Claim => {
		const { metadata, spec, status } = input;
		const modes = spec.accessModes ?? [];
		return {
			namespace: metadata.namespace,
			name: metadata.name,
			volumeName: status.phase === "Bound" ? spec.volumeName : undefined,
			refusal: refusalOf(input),
			singleNode: modes.every((mode) => SINGLE_NODE_MODES.has(mode)),
			singlePod: modes.includes("ReadWriteOncePod"),
		};
	});

/** An unbound claim that names its volume or no class has no choice of a node to wait for. */
function refusalOf({ metadata, spec, status }: ClaimInput): string | undefined {
	const claim = `persistentvolumeclaim "${metadata.name}"`;
	if (status.phase === "Lost") return `${claim} bound to non-existent persistentvolume "${spec.volumeName ?? ""}"`;
	if (typeof metadata.deletionTimestamp === "string") return `${claim} is being deleted`;
	const immediate = spec.volumeName !== undefined || (spec.storageClassName ?? "") === "";
	return status.phase !== "Bound" && immediate ? "pod has unbound immediate PersistentVolumeClaims" : undefined;
}

interface ClaimInput {
	readonly metadata: { readonly name: string; readonly deletionTimestamp?: string | null | undefined };
	readonly spec: { readonly volumeName?: string | undefined; readonly storageClassName?: string | null | undefined };
	readonly status: { readonly phase: string };
}

/** A PersistentVolume object -> Volume. */
export function parseVolume(input: unknown): Parsed<Volume> {
	return parseObject(volumeSchema, input, "PersistentVolume");
}

/** A PersistentVolumeClaim object -> Claim. */
export function parseClaim(input: unknown): Parsed<Claim> {
	return parseObject(claimSchema, input, "PersistentVolumeClaim");
}
