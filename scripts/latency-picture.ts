import { writeFile } from "node:fs/promises";
import { json } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { z } from "zod";
import { latencyPicture, type Mark, type Series } from "./picture/latency.ts";

const USAGE = `usage: kubectl get qosmigrations -o json | npm run --silent picture -- --prometheus URL --query PROMQL --out FILE.svg
  [--since SECONDS] [--target SECONDS] [--title TEXT]
Draws a latency over time as Prometheus has it, with the migrations given on stdin marked.`;

const answer = z.object({
	data: z.object({
		result: z.array(
			z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
		),
	}),
});

const migrations = z.object({
	items: z.array(
		z.object({
			metadata: z.object({ creationTimestamp: z.iso.datetime() }),
			status: z
				.object({ from: z.string().optional(), to: z.string().optional(), phase: z.string().optional() })
				.optional(),
		}),
	),
});

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			prometheus: { type: "string" },
			query: { type: "string" },
			out: { type: "string" },
			since: { type: "string", default: "120" },
			target: { type: "string" },
			title: { type: "string", default: "" },
		},
	});
	const { prometheus, query, out } = values;
	if (prometheus === undefined || query === undefined || out === undefined) throw new Error(USAGE);
	const to = Math.floor(Date.now() / 1000);
	const from = to - Number(values.since);
	const series = await readSeries(prometheus, { query, from, to });
	if (series.length === 0) throw new Error(`Prometheus at ${prometheus} has no series for ${query}`);
	const marks = migrations.parse(await json(process.stdin)).items.map(
		({ metadata, status }): Mark => ({
			at: Date.parse(metadata.creationTimestamp) / 1000,
			text: `${status?.from ?? "?"} → ${status?.to ?? "?"}`,
		}),
	);
	const target = values.target === undefined ? undefined : Number(values.target);
	await writeFile(out, latencyPicture({ title: values.title, from, to, series, target, marks }));
}

async function readSeries(
	prometheus: string,
	{ query, from, to }: { readonly query: string; readonly from: number; readonly to: number },
): Promise<Series[]> {
	const parameters = new URLSearchParams({ query, start: String(from), end: String(to), step: "1" });
	const response = await fetch(`${prometheus}/api/v1/query_range?${parameters.toString()}`);
	if (!response.ok) throw new Error(`Prometheus refuses ${query}: ${await response.text()}`);
	return answer.parse(await response.json()).data.result.map(({ metric, values }) => ({
		name: Object.values(metric).join(" "),
		samples: values.map(([at, value]) => ({ at, value: Number(value) })).filter(({ value }) => Number.isFinite(value)),
	}));
}

try {
	await main();
} catch (error) {
	console.error(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
}
