import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MetricSample } from "../../src/core/metrics/metric.ts";
import { type Request, readRequests } from "../truth/requests.ts";

/** What kubectl-qos could know at one moment. */
export interface Moment {
	/** ms since the epoch. */
	readonly now: number;
	readonly samples: readonly MetricSample[];
}

/** One situation as it was lived through. */
export interface Seen {
	readonly situation: string;
	/** Before the app came: it was at home, all else was there already. */
	readonly before: Moment;
	/** When the app's pod was created (ms), and when it was there. */
	readonly createdAt: number;
	readonly there: Moment;
	/** The horizon after `there`, by the app's own metric: mean seconds of a request. */
	readonly latency: number;
	/** Cores that it used meanwhile, and the share of the periods of its limit in which it was stopped (NaN: no limit). */
	readonly cpu: number;
	readonly throttled: number;
}

export interface Recorded extends Seen {
	/** Those of the horizon. */
	readonly requests: readonly Request[];
}

export const HORIZON_SECONDS = 30;

export function requestsFile(folder: string, situation: string): string {
	return join(folder, `${situation}-requests.csv`);
}

export async function saveSeen(folder: string, seen: readonly Seen[]): Promise<void> {
	await writeFile(join(folder, "seen.json"), `${JSON.stringify(seen)}\n`);
}

/** What `saveSeen` and the load generator wrote. */
export async function loadSeen(folder: string): Promise<readonly Recorded[]> {
	const all = JSON.parse(await readFile(join(folder, "seen.json"), "utf8")) as readonly Seen[];
	return Promise.all(
		all.map(async (seen) => {
			const { now } = seen.there;
			const requests = await readRequests(requestsFile(folder, seen.situation));
			return { ...seen, requests: requests.filter(({ at }) => at >= now && at < now + HORIZON_SECONDS * 1000) };
		}),
	);
}
