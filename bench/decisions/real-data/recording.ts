import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";

/** The recording that `forecast` is trained on; training/data/README.md describes it. */
const FILE = new URL("../../../training/data/pipelines_performance.csv.gz", import.meta.url);

export const ROW_SECONDS = 5;
/** Seconds; longer ones are restarts. As in training. */
const LATENCY_LIMIT = 1;

/** What was recorded at one time; NaN is Unknown. */
export interface Row {
	/** Seconds. */
	readonly latency: number;
	readonly framesPerSecond: number;
	/** CPU in use on the node, in cores. */
	readonly cpu: number;
}

/** One pipeline on one cluster. */
export interface Recording {
	readonly cluster: string;
	/** Time of row 0, seconds since the epoch. */
	readonly start: number;
	/** One every ROW_SECONDS; absent where nothing was recorded. */
	readonly rows: readonly (Row | undefined)[];
}

/** The two clusters, by name. */
export async function recordings(): Promise<readonly Recording[]> {
	const [header = "", ...lines] = gunzipSync(await readFile(FILE))
		.toString()
		.trimEnd()
		.split("\n");
	const names = header.split(",");
	const column = (name: string) => names.indexOf(name);
	const [time, cluster] = [column("timestamp"), column("cluster")];
	const latency = column("pipelines_status_realtime_pipeline_latency");
	const framesPerSecond = column("pipelines_status_idelta_fps");
	const cpu = column("node_cpu_usage");
	const fields = lines.map((line) => line.split(","));
	return [...Map.groupBy(fields, (row) => row[cluster] ?? "")]
		.toSorted(([left], [right]) => (left < right ? -1 : 1))
		.map(([name, records]) => {
			const start = Math.min(...records.map((row) => Number(row[time])));
			const rows: (Row | undefined)[] = [];
			for (const row of records) {
				rows[(Number(row[time]) - start) / ROW_SECONDS] = {
					latency: Math.min(numberOf(row[latency]), LATENCY_LIMIT),
					framesPerSecond: numberOf(row[framesPerSecond]),
					cpu: numberOf(row[cpu]),
				};
			}
			return { cluster: name.slice(0, 4), start, rows };
		});
}

function numberOf(field: string | undefined): number {
	return field === undefined || field === "" ? Number.NaN : Number(field);
}
