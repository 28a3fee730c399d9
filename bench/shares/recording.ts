import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MetricSample } from "../../src/core/metrics/metric.ts";
import type { RealNodeSpec } from "../../test/real-nodes/types.ts";
import { type Request, readRequests } from "../truth/requests.ts";
import { mean } from "../truth/scoring/latency.ts";

/** What kubectl-qos could know at one moment. */
export interface Moment {
	/** ms since the epoch. */
	readonly now: number;
	readonly samples: readonly MetricSample[];
}

/** One situation as it was lived through. */
export interface Seen {
	readonly situation: string;
	readonly nodes: readonly RealNodeSpec[];
	/** Before the app came: it was at home, all else was there already. */
	readonly before: Moment;
	/** When the app's pod was created (ms), and when it was there. */
	readonly createdAt: number;
	readonly there: Moment;
	/** The horizon after `there`, by the app's own metric: mean seconds of a request; null: it answered none. */
	readonly latency: number | null;
	/** Cores that it used meanwhile, and the share of the periods of its limit in which it was stopped (null: no limit). */
	readonly cpu: number;
	readonly throttled: number | null;
}

export interface Recorded extends Seen {
	/** By the app's own metric; of one that answered nobody, what its clients waited in vain. Mean in seconds. */
	readonly measured: number;
	/** Those of the horizon. */
	readonly requests: readonly Request[];
}

export const HORIZON_SECONDS = 30;

export function requestsFile(folder: string, situation: string): string {
	return join(folder, `${situation}-requests.csv`);
}

/** Adds to what the folder has of other situations. */
export async function saveSeen(folder: string, seen: Seen): Promise<void> {
	const others = (await readSeen(folder)).filter(({ situation }) => situation !== seen.situation);
	await writeFile(join(folder, "seen.json"), `${JSON.stringify([...others, seen])}\n`);
}

async function readSeen(folder: string): Promise<readonly Seen[]> {
	const file = join(folder, "seen.json");
	return existsSync(file) ? (JSON.parse(await readFile(file, "utf8")) as readonly Seen[]) : [];
}

/** What `saveSeen` and the load generator wrote. */
export async function loadSeen(folder: string): Promise<readonly Recorded[]> {
	return Promise.all(
		(await readSeen(folder)).map(async (seen) => {
			const { now } = seen.there;
			const sent = await readRequests(requestsFile(folder, seen.situation));
			const requests = sent.filter(({ at }) => at >= now && at < now + HORIZON_SECONDS * 1000);
			return { ...seen, requests, measured: seen.latency ?? mean(requests.map(({ latency }) => latency)) };
		}),
	);
}
