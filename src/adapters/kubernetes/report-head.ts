import { z } from "zod";
import { metadataSchema } from "../../api/kubernetes/metadata.ts";
import { type Parsed, parseObject } from "../../api/v1alpha1/parse.ts";

/** That a QoSReport is there; its content is what this controller wrote, and need not be read back. */
export interface ReportHead {
	readonly namespace: string;
	readonly name: string;
	readonly uid: string;
}

const headSchema = z
	.object({ metadata: metadataSchema })
	.transform(({ metadata: { namespace, name, uid } }): ReportHead => ({ namespace, name, uid }));

/** A QoSReport's metadata -> ReportHead. */
export function parseReportHead(input: unknown): Parsed<ReportHead> {
	return parseObject(headSchema, input, "QoSReport");
}
