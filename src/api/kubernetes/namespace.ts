import { z } from "zod";
import type { Namespace } from "../../core/cluster/state.ts";
import { type Parsed, parseObject } from "../v1alpha1/parse.ts";
import { metadataSchema } from "./metadata.ts";

const namespaceSchema = z
	.object({ metadata: metadataSchema })
	.transform(({ metadata: { name, labels, annotations } }): Namespace => ({ name, labels, annotations }));

/** A Namespace object -> Namespace. */
export function parseNamespace(input: unknown): Parsed<Namespace> {
	return parseObject(namespaceSchema, input, "Namespace");
}
