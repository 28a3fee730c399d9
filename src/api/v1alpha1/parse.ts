import { z } from "zod";
import { parseDuration } from "./duration.ts";
import { parsePercent } from "./percent.ts";
import { parseQuantity } from "./quantity.ts";

/** What came of reading an object from outside: the value, or one line that says what is wrong and where. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** Reads `input` with `schema`; `what` names the object in the error line. */
export function parse<T>(schema: z.ZodType<T>, input: unknown, what: string): Parsed<T> {
	const result = schema.safeParse(input);
	if (result.success) return { ok: true, value: result.data };
	const issues = result.error.issues.map((issue) => `${issue.path.join(".") || "object"}: ${issue.message}`);
	return { ok: false, message: `${what} is invalid: ${issues.join("; ")}` };
}

/** Reads an object of a kind; the error line names it. */
export function parseObject<T>(schema: z.ZodType<T>, input: unknown, kind: string): Parsed<T> {
	const parsed = parse(schema, input, kind);
	// Only what is wrong needs its name, and there are tens of thousands of pods that are not.
	return parsed.ok ? parsed : parse(schema, input, nameOf(kind, input));
}

const namedSchema = z.object({
	metadata: z.object({ namespace: z.string().default(""), name: z.string().default("?") }),
});

/** `Kind namespace/name` of any object, as far as it tells. */
function nameOf(kind: string, input: unknown): string {
	const named = namedSchema.safeParse(input);
	if (!named.success) return `${kind} without metadata`;
	const { namespace, name } = named.data.metadata;
	return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
}

function converted<T>(convert: (text: string) => T | undefined, expected: string) {
	return z.string().transform((text, context) => {
		const value = convert(text);
		if (value === undefined) {
			context.issues.push({ code: "custom", message: `must be ${expected}, not "${text}"`, input: text });
			return z.NEVER;
		}
		return value;
	});
}

/** Go-style duration -> seconds. */
export const durationSchema = converted(parseDuration, "a duration such as 30s, 5m or 1h30m");

/** Go-style duration above zero -> seconds. */
export const positiveDurationSchema = converted(
	(text) => (Number(parseDuration(text)) > 0 ? parseDuration(text) : undefined),
	"a duration above zero such as 30s, 5m or 1h30m",
);

/** Percentage -> share (`10%` -> 0.1). */
export const percentSchema = converted(parsePercent, "a percentage such as 10%");

/** Kubernetes Quantity, string or number -> number. */
export const quantitySchema = z.union([z.string(), z.number()]).transform((text, context) => {
	const value = parseQuantity(text);
	if (value === undefined) {
		context.issues.push({
			code: "custom",
			message: `must be a quantity such as 200m, 0.2 or 1Gi, not "${text}"`,
			input: text,
		});
		return z.NEVER;
	}
	return value;
});

/** RFC 3339 -> ms since the epoch. */
export const timeSchema = converted((text) => {
	const time = Date.parse(text);
	return Number.isFinite(time) ? time : undefined;
}, "a time as RFC 3339 writes it, such as 2026-01-31T08:00:00Z");

const requirement = z.object({
	key: z.string(),
	operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
	values: z.array(z.string()).optional(),
});

/** A Kubernetes LabelSelector; `{}` selects everything. */
export const labelSelectorSchema = z.object({
	matchLabels: z.record(z.string(), z.string()).optional(),
	matchExpressions: z.array(requirement).optional(),
});

/** What we read of every object's metadata. */
export const metadataSchema = z.object({
	namespace: z.string(),
	name: z.string(),
	uid: z.string().default(""),
	resourceVersion: z.string().default(""),
	generation: z.number().default(0),
	creationTimestamp: timeSchema,
	labels: z.record(z.string(), z.string()).default({}),
	annotations: z.record(z.string(), z.string()).default({}),
});
