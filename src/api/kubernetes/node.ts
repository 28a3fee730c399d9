import { z } from "zod";
import type { Node } from "../../core/cluster/node.ts";
import { type Parsed, parseObject } from "../v1alpha1/parse.ts";
import { metadataSchema } from "./metadata.ts";
import { resourcesSchema, wholeUnits } from "./requests.ts";

const nodeSchema = z
	.object({
		metadata: metadataSchema,
		spec: z
			.object({
				unschedulable: z.boolean().default(false),
				taints: z
					.array(
						z.object({
							key: z.string(),
							value: z.string().default(""),
							effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
						}),
					)
					.nullish(),
			})
			.prefault({}),
		status: z
			.object({
				allocatable: resourcesSchema,
				conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
			})
			.prefault({}),
	})
	.transform(
		({ metadata, spec, status }): Node => ({
			name: metadata.name,
			labels: metadata.labels,
			taints: spec.taints ?? [],
			unschedulable: spec.unschedulable,
			ready: status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false,
			allocatable: wholeUnits(status.allocatable),
		}),
	);

/** A Node object -> Node. */
export function parseNode(input: unknown): Parsed<Node> {
	return parseObject(nodeSchema, input, "Node");
}
