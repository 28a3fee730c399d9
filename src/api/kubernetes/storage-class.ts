import { z } from "zod";
import type { NodeSelectorTerm } from "../../core/cluster/selectors.ts";
import { type Parsed, parseObject } from "../v1alpha1/parse.ts";
import { metadataSchema } from "./metadata.ts";

/** A StorageClass as far as placement needs it. */
export interface StorageClass {
	readonly name: string;
	/** Its claims are bound when a pod that uses them has a node; else at once. */
	readonly waitsForNode: boolean;
	/** Makes volumes; else they must be there. */
	readonly provisions: boolean;
	/** Where it can make them: alternatives; absent means anywhere. */
	readonly allowedTopologies: readonly NodeSelectorTerm[] | undefined;
}

const NO_PROVISIONER = "kubernetes.io/no-provisioner";

const storageClassSchema = z
	.object({
		metadata: metadataSchema,
		provisioner: z.string(),
		volumeBindingMode: z.string().nullish(),
		allowedTopologies: z
			.array(
				z.object({
					matchLabelExpressions: z.array(z.object({ key: z.string(), values: z.array(z.string()) })).nullish(),
				}),
			)
			.nullish(),
	})
	.transform(
		({ metadata, provisioner, volumeBindingMode, allowedTopologies }): StorageClass => ({
			name: metadata.name,
			waitsForNode: volumeBindingMode === "WaitForFirstConsumer",
			provisions: provisioner !== NO_PROVISIONER,
			allowedTopologies: allowedTopologies?.length
				? allowedTopologies.map(({ matchLabelExpressions }) => ({
						matchExpressions: (matchLabelExpressions ?? []).map(({ key, values }) => ({ key, operator: "In", values })),
					}))
				: undefined,
		}),
	);

/** A StorageClass object -> StorageClass. */
export function parseStorageClass(input: unknown): Parsed<StorageClass> {
	return parseObject(storageClassSchema, input, "StorageClass");
}
