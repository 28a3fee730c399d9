import type { Prediction } from "../../src/core/prediction/prediction.ts";
import { mean, percentile } from "../truth/scoring/latency.ts";
import type { Foreseen, Foresight } from "./foresight.ts";
import type { Recorded } from "./recording.ts";
import { SITUATIONS, type Situation } from "./situations.ts";

/** A situation as it was, beside what was predicted of it. */
export interface Row extends Foreseen {
	readonly situation: Situation;
	readonly seen: Recorded;
}

export function rowsOf(seen: readonly Recorded[], foresight: Foresight): Promise<readonly Row[]> {
	return Promise.all(
		SITUATIONS.flatMap((situation) => {
			const one = seen.find((other) => other.situation === situation.name);
			return one ? [rowOf(situation, one, foresight)] : [];
		}),
	);
}

async function rowOf(situation: Situation, seen: Recorded, foresight: Foresight): Promise<Row> {
	return { situation, seen, ...(await foresight.of(situation, seen)) };
}

const HEAD = [
	"situation",
	"CPU, cores",
	"throttled",
	"client: p50, mean, p99, ms",
	"measured, ms",
	"x alone",
	...["before", "there"].flatMap((when) => [`${when}, ms`, "x alone", "/ measured", "covered"]),
];

/** In Markdown. "measured" is the app's own metric, "x alone" how many times that of the app alone. */
export function tableOf(rows: readonly Row[], alone: Row): string {
	const lines = rows.map(({ situation, seen, before, there }) => {
		const latencies = seen.requests.map(({ latency }) => latency);
		const client = [percentile(latencies, 0.5), mean(latencies), percentile(latencies, 0.99)];
		return [
			situation.what,
			seen.cpu.toFixed(3),
			seen.throttled === null ? "-" : `${(seen.throttled * 100).toFixed(0)} %`,
			client.map(milliseconds).join(" / "),
			milliseconds(seen.measured),
			factor(seen.measured / alone.seen.measured),
			...cells(before, seen.measured, alone.before),
			...cells(there, seen.measured, alone.there),
		];
	});
	return [HEAD, HEAD.map(() => "---"), ...lines].map((row) => `| ${row.join(" | ")} |\n`).join("");
}

/** A prediction beside what was measured (seconds), and the same of the app alone. */
function cells(predicted: Prediction | undefined, measured: number, alone: Prediction | undefined): readonly string[] {
	if (!predicted) return ["Unknown", "-", "-", "-"];
	const { value, lower, upper } = predicted;
	return [
		`${milliseconds(value)} (${milliseconds(lower)} - ${milliseconds(upper)})`,
		factor(value / (alone?.value ?? Number.NaN)),
		factor(value / measured),
		lower <= measured && measured <= upper ? "yes" : "no",
	];
}

function milliseconds(seconds: number): string {
	return String(Number((seconds * 1000).toPrecision(3)));
}

function factor(value: number): string {
	return String(Number(value.toPrecision(3)));
}
