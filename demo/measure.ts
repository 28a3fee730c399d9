import { z } from "zod";
import type { Sample } from "./record.ts";

const answerSchema = z.union([
	z.object({
		status: z.literal("success"),
		data: z.object({
			result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])) })),
		}),
	}),
	z.object({ status: z.literal("error"), error: z.string() }),
]);

export interface RangeQuery {
	readonly query: string;
	/** ms since the epoch. */
	readonly from: number;
	readonly to: number;
}

/**
 * One sample a second between `from` and `to`, at seconds since `from`; a second without a number is
 * `undefined`. Asks Prometheus, for one series. @throws Error with one line when it cannot answer
 */
export async function measure(prometheusUrl: string, { query, from, to }: RangeQuery): Promise<readonly Sample[]> {
	const form = new URLSearchParams({ query, start: String(from / 1000), end: String(to / 1000), step: "1s" });
	const response = await fetch(new URL("/api/v1/query_range", prometheusUrl), {
		method: "POST",
		body: form,
		signal: AbortSignal.timeout(10_000),
	});
	const answer = answerSchema.parse(await response.json());
	if (answer.status === "error") throw new Error(`Prometheus refused ${query}: ${answer.error}`);
	if (answer.data.result.length > 1) throw new Error(`Prometheus has ${answer.data.result.length} series for ${query}`);
	return everySecond(answer.data.result[0]?.values ?? [], { from, to });
}

/** Prometheus' points (`[seconds, "value"]`) on a grid of seconds, holes included. */
export function everySecond(
	points: readonly (readonly [number, string])[],
	{ from, to }: { readonly from: number; readonly to: number },
): readonly Sample[] {
	const bySecond = new Map(points.map(([time, text]) => [Math.round(time - from / 1000), Number(text)]));
	return Array.from({ length: Math.floor((to - from) / 1000) + 1 }, (_, at) => {
		const value = bySecond.get(at);
		return { at, value: value !== undefined && Number.isFinite(value) ? value : undefined };
	});
}
