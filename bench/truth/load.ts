import { type Load, startLoad as start } from "../../test/real-nodes/load.ts";
import type { RealCluster } from "../../test/real-nodes/types.ts";
import { NAMESPACES, PROBE } from "./manifests.ts";
import { FAILED_AFTER } from "./scoring/latency.ts";
import type { Script } from "./script.ts";

/** Requests per second of an app's cost to the probe on every node: enough to know, too few to be felt. */
const PROBE_RATE = 0.1;
const SEED = 7;

interface LoadOptions {
	/** The workload program. */
	readonly program: string;
	readonly script: Script;
	/** Where the requests go. */
	readonly file: string;
}

/** Starts the load of the script; resolves when it sends. */
export function startLoad(cluster: RealCluster, { program, script: { apps }, file }: LoadOptions): Promise<Load> {
	return start(cluster, {
		program,
		file,
		plan: {
			namespace: NAMESPACES.apps,
			seed: SEED,
			timeoutSeconds: FAILED_AFTER,
			apps: apps.map(({ name, rate }) => ({ name, rate })),
			probes: apps.map(({ name, costMilliseconds }) => ({
				service: PROBE,
				app: name,
				cost: `${costMilliseconds}ms`,
				rate: PROBE_RATE,
			})),
		},
	});
}
