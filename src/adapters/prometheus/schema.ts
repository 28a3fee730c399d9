import { z } from "zod";

/** Prometheus writes numbers as strings, with NaN, +Inf and -Inf among them. */
const value = z.string().transform((text, context) => {
	if (text === "+Inf" || text === "Inf") return Number.POSITIVE_INFINITY;
	if (text === "-Inf") return Number.NEGATIVE_INFINITY;
	if (text === "NaN") return Number.NaN;
	const number = Number(text);
	if (text === "" || Number.isNaN(number)) {
		context.addIssue({ code: "custom", message: `"${text}" is not a number` });
		return z.NEVER;
	}
	return number;
});

const series = z.object({
	metric: z.record(z.string(), z.string()),
	/** Absent when the series holds native histograms only. */
	values: z.array(z.tuple([z.number(), value])).default([]),
});

const warnings = z.array(z.string()).default([]);

/** The answer of `/api/v1/query_range`, `values` as [seconds since the epoch, value]. */
export const rangeAnswer = z.discriminatedUnion("status", [
	z.object({
		status: z.literal("success"),
		data: z.object({ resultType: z.literal("matrix"), result: z.array(series) }),
		warnings,
	}),
	z.object({ status: z.literal("error"), errorType: z.string(), error: z.string() }),
]);

export type RangeSeries = z.output<typeof series>;
