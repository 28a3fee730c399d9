import { z } from "zod";
import type { NodeSelectorTerm } from "../../core/cluster/selectors.ts";
import { type Parsed, parseObject } from "../v1alpha1/parse.ts";
import { metadataSchema } from "./metadata.ts";
import { nodeSelectorSchema } from "./scheduling.ts";

/** A PersistentVolume as far as placement needs it. */
export interface Volume {
	readonly name: string;
	readonly nodeAffinity: readonly NodeSelectorTerm[] | undefined;
}

/** A PersistentVolumeClaim before it is joined with its volume. */
export interface Claim {
	readonly namespace: string;
	readonly name: string;
	/** Absent until it is bound. */
	readonly volumeName: string | undefined;
	readonly singleNode: boolean;
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
		}),
	);

const SINGLE_NODE_MODES = new Set(["ReadWriteOnce", "ReadWriteOncePod"]);

const claimSchema = z
	.object({
		metadata: metadataSchema,
		spec: z.object({ volumeName: z.string().optional(), accessModes: z.array(z.string()).nullish() }),
		status: z.object({ phase: z.string().default("Pending") }).prefault({}),
	})
	.transform(
		({ metadata, spec, status }): Claim => ({
			namespace: metadata.namespace,
			name: metadata.name,
			volumeName: status.phase === "Bound" ? spec.volumeName : undefined,
			singleNode: (spec.accessModes ?? []).every((mode) => SINGLE_NODE_MODES.has(mode)),
		}),
	);

/** A PersistentVolume object -> Volume. */
export function parseVolume(input: unknown): Parsed<Volume> {
	return parseObject(volumeSchema, input, "PersistentVolume");
}

/** A PersistentVolumeClaim object -> Claim. */
export function parseClaim(input: unknown): Parsed<Claim> {
	return parseObject(claimSchema, input, "PersistentVolumeClaim");
}
