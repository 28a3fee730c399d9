import { z } from "zod";
import type { LabelSelector, NodeSelectorTerm } from "../../core/cluster/selectors.ts";
import type { VolumeClaim, VolumeZone } from "../../core/cluster/state.ts";
import { labelSelectorSchema, type Parsed, parseObject } from "../v1alpha1/parse.ts";
import { metadataSchema } from "./metadata.ts";
import { resourcesSchema } from "./requests.ts";
import { nodeSelectorSchema } from "./scheduling.ts";

/** What a claim asks for and a volume offers. */
interface Storage {
	/** Empty: none. */
	readonly storageClass: string;
	/** Bytes. */
	readonly size: number;
	readonly accessModes: readonly string[];
	readonly volumeMode: string;
}

/** A PersistentVolume as far as placement needs it. */
export interface Volume extends Storage {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly nodeAffinity: readonly NodeSelectorTerm[] | undefined;
	readonly zones: readonly VolumeZone[];
	/** No claim holds it. */
	readonly available: boolean;
	/** `namespace/name` of the claim that it is or shall be bound to. */
	readonly claim: string | undefined;
}

/** A PersistentVolumeClaim before it is joined with its volume. */
export interface Claim
	extends Storage,
		Pick<VolumeClaim, "namespace" | "name" | "refusal" | "singleNode" | "singlePod"> {
	/** Absent until it is bound. */
	readonly volumeName: string | undefined;
	/** It names the volume that it is to be bound to. */
	readonly prebound: boolean;
	/** Of volumes by their labels; absent: any. */
	readonly selector: LabelSelector | undefined;
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

const deletableSchema = metadataSchema.extend({ deletionTimestamp: z.string().nullish() });

const storageShape = {
	storageClassName: z.string().nullish(),
	accessModes: z.array(z.string()).nullish(),
	volumeMode: z.string().nullish(),
};

function storageOf(spec: z.output<z.ZodObject<typeof storageShape>>, size: number | undefined): Storage {
	return {
		storageClass: spec.storageClassName ?? "",
		size: size ?? 0,
		accessModes: spec.accessModes ?? [],
		volumeMode: spec.volumeMode ?? "Filesystem",
	};
}

const volumeSchema = z
	.object({
		metadata: deletableSchema,
		spec: z.object({
			...storageShape,
			capacity: resourcesSchema,
			claimRef: z.object({ namespace: z.string().default(""), name: z.string().default("") }).nullish(),
			nodeAffinity: z.object({ required: nodeSelectorSchema.nullish() }).nullish(),
		}),
		status: z.object({ phase: z.string().default("Pending") }).prefault({}),
	})
	.transform(
		({ metadata, spec, status }): Volume => ({
			...storageOf(spec, spec.capacity["storage"]),
			name: metadata.name,
			labels: metadata.labels,
			nodeAffinity: spec.nodeAffinity?.required?.nodeSelectorTerms,
			zones: zonesOf(metadata.labels),
			available: status.phase === "Available" && typeof metadata.deletionTimestamp !== "string",
			claim: spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : undefined,
		}),
	);

const SINGLE_NODE_MODES = new Set(["ReadWriteOnce", "ReadWriteOncePod"]);

const claimSchema = z
	.object({
		metadata: deletableSchema,
		spec: z.object({
			...storageShape,
			volumeName: z.string().optional(),
			selector: labelSelectorSchema.nullish(),
			resources: z.object({ requests: resourcesSchema }).nullish(),
		}),
		status: z.object({ phase: z.string().default("Pending") }).prefault({}),
	})
	.transform(({ metadata, spec, status }): Claim => {
		const modes = spec.accessModes ?? [];
		const name = `persistentvolumeclaim "${metadata.name}"`;
		const lost = status.phase === "Lost" && `${name} bound to non-existent persistentvolume "${spec.volumeName ?? ""}"`;
		const deleted = typeof metadata.deletionTimestamp === "string" && `${name} is being deleted`;
		return {
			...storageOf(spec, spec.resources?.requests["storage"]),
			namespace: metadata.namespace,
			name: metadata.name,
			volumeName: status.phase === "Bound" ? spec.volumeName : undefined,
			prebound: spec.volumeName !== undefined && spec.volumeName !== "",
			selector: spec.selector ?? undefined,
			refusal: lost || deleted || undefined,
			singleNode: modes.every((mode) => SINGLE_NODE_MODES.has(mode)),
			singlePod: modes.includes("ReadWriteOncePod"),
		};
	});

/** A PersistentVolume object -> Volume. */
export function parseVolume(input: unknown): Parsed<Volume> {
	return parseObject(volumeSchema, input, "PersistentVolume");
}

/** A PersistentVolumeClaim object -> Claim. */
export function parseClaim(input: unknown): Parsed<Claim> {
	return parseObject(claimSchema, input, "PersistentVolumeClaim");
}
