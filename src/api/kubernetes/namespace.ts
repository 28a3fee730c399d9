import { z } from "zod";
import type { Namespace } from "../../core/cluster/state.ts";
import { metadataSchema } from "./metadata.ts";

const namespaceSchema = z
	.object({ metadata: metadataSchema })
	.transform(({ metadata: { name, labels, annotations } }): Namespace => ({ name, labels, annotations }));

/** A Namespace object -> Namespace. @throws z.ZodError */
export function readNamespace(input: unknown): Namespace {
	return namespaceSchema.parse(input);
}
