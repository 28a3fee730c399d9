import { join, resolve } from "node:path";
import type { ClusterOptions } from "../cluster.ts";
import { cacheFolder } from "../programs/programs.ts";
import type { ScrapeTarget } from "../types.ts";

/** Flags of `cluster up` as yargs gives them. */
export interface UpFlags {
	readonly dir: string | undefined;
	readonly nodes: number;
	readonly json: boolean;
	readonly detach: boolean;
	readonly startupSeconds: number;
	readonly scrapeInterval: number;
	readonly prometheus: boolean;
	/** `job=host:port` each. */
	readonly scrape: readonly string[];
	readonly mlflow: boolean;
}

/** The folder of the cluster that is meant. */
export function clusterDir(dir: string | undefined): string {
	return dir === undefined ? join(cacheFolder(), "clusters", "default") : resolve(dir);
}

/** Throws when a number makes no sense. */
export function clusterOptions(flags: UpFlags): ClusterOptions {
	if (!Number.isInteger(flags.nodes) || flags.nodes < 0) throw new Error("--nodes takes a whole number, 0 or more");
	if (!(flags.startupSeconds >= 0)) throw new Error("--startup-seconds takes a number, 0 or more");
	if (!(flags.scrapeInterval > 0)) throw new Error("--scrape-interval takes a number of seconds above 0");
	return {
		scrape: flags.scrape.map(parseTarget),
		dir: clusterDir(flags.dir),
		nodes: flags.nodes,
		containerStartupSeconds: flags.startupSeconds,
		scrapeIntervalSeconds: flags.scrapeInterval,
		prometheus: flags.prometheus,
	};
}

function parseTarget(text: string): ScrapeTarget {
	const [, job, address] = /^([^=]+)=([^=:]+:\d+)$/.exec(text) ?? [];
	if (job === undefined || address === undefined) throw new Error(`--scrape ${text}: write it as JOB=HOST:PORT`);
	return { job, address };
}
