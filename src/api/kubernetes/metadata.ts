import { z } from "zod";

type Strings = Readonly<Record<string, string>>;

const NOTHING: Strings = Object.freeze({});

/** Annotations of others that placement reads; all else but our own is not kept. */
const READ_ANNOTATIONS: ReadonlySet<string> = new Set([
	"kubernetes.io/config.mirror",
	"scheduler.alpha.kubernetes.io/node-selector",
]);

/** Labels or any other map of strings; absent or null is empty. */
export const stringsSchema = z
	.record(z.string(), z.string())
	.nullish()
	.transform((strings): Strings => strings ?? NOTHING);

/** Annotations, without those that nothing here reads. */
export const annotationsSchema = z
	.record(z.string(), z.string())
	.nullish()
	.transform((annotations): Strings => {
		if (!annotations) return NOTHING;
		const kept = Object.entries(annotations).filter(
			([key]) => key.startsWith("kubectl-qos.dev/") || READ_ANNOTATIONS.has(key),
		);
		return kept.length === 0 ? NOTHING : Object.fromEntries(kept);
	});

/** RFC 3339 -> ms since the epoch. */
export const timeSchema = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** What is read of the metadata of the API server's own kinds. */
export const metadataSchema = z.object({
	namespace: z.string().default(""),
	name: z.string(),
	uid: z.string().default(""),
	resourceVersion: z.string().default(""),
	creationTimestamp: timeSchema.nullish(),
	labels: stringsSchema,
	annotations: annotationsSchema,
});
