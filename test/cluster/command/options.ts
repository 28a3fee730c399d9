import { join, resolve } from "node:path";
import { DEFAULT_NODES } from "../../real-nodes/machines.ts";
import type { RealClusterOptions } from "../../real-nodes/types.ts";
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
	readonly real: boolean;
	/** Comma-separated CPUs. */
	readonly speeds: string | undefined;
	/** Archives. */
	readonly image: readonly string[];
}

/** The folder of the cluster that is meant. */
export function clusterDir(dir: string | undefined): string {
	return dir === undefined ? join(cacheFolder(), "clusters", "default") : resolve(dir);
}

/** What `up` starts. */
export type Wanted =
	| { readonly kind: "Simulated"; readonly options: ClusterOptions }
	| { readonly kind: "Real"; readonly options: RealClusterOptions };

/** Throws when a flag makes no sense. */
export function wanted(flags: UpFlags): Wanted {
	if (flags.real) return { kind: "Real", options: realClusterOptions(flags) };
	if (flags.speeds !== undefined || flags.image.length > 0) throw new Error("--speeds and --image go with --real");
	return { kind: "Simulated", options: clusterOptions(flags) };
}

function realClusterOptions(flags: UpFlags): RealClusterOptions {
	if (flags.startupSeconds !== 0) throw new Error("--startup-seconds does not go with --real: its containers are real");
	if (!flags.prometheus || flags.scrape.length > 0) {
		throw new Error("--no-prometheus and --scrape do not go with --real: pods are scraped by their annotations");
	}
	const speeds = flags.speeds?.split(",").map(Number);
	if (speeds?.some((speed) => !(speed > 0))) throw new Error("--speeds takes numbers of CPUs, as in 0.8,0.4,0.2");
	const nodes = speeds?.map((speed, index) => ({ name: `node-${index + 1}`, speed }));
	if (flags.nodes !== 0 && flags.nodes !== (nodes ?? DEFAULT_NODES).length) {
		throw new Error(`--nodes ${flags.nodes}: with --real there are as many as --speeds names`);
	}
	return {
		dir: clusterDir(flags.dir),
		nodes,
		images: flags.image.map((archive) => resolve(archive)),
		scrapeIntervalSeconds: scrapeInterval(flags),
	};
}

function scrapeInterval(flags: UpFlags): number {
	if (!(flags.scrapeInterval > 0)) throw new Error("--scrape-interval takes a number of seconds above 0");
	return flags.scrapeInterval;
}

function clusterOptions(flags: UpFlags): ClusterOptions {
	if (!Number.isInteger(flags.nodes) || flags.nodes < 0) throw new Error("--nodes takes a whole number, 0 or more");
	if (!(flags.startupSeconds >= 0)) throw new Error("--startup-seconds takes a number, 0 or more");
	return {
		scrape: flags.scrape.map(parseTarget),
		dir: clusterDir(flags.dir),
		nodes: flags.nodes,
		containerStartupSeconds: flags.startupSeconds,
		scrapeIntervalSeconds: scrapeInterval(flags),
		prometheus: flags.prometheus,
	};
}

function parseTarget(text: string): ScrapeTarget {
	const [, job, address] = /^([^=]+)=([^=:]+:\d+)$/.exec(text) ?? [];
	if (job === undefined || address === undefined) throw new Error(`--scrape ${text}: write it as JOB=HOST:PORT`);
	return { job, address };
}
