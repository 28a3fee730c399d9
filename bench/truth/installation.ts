import { DEFAULT_CATALOGUE } from "../../src/config/default-catalogue.ts";
import { installOverlay } from "../../test/real-nodes/installed.ts";
import type { RealCluster } from "../../test/real-nodes/types.ts";
import { policies, TIMES } from "./manifests.ts";
import { CONTROL, type Script } from "./script.ts";

/** Where the leader writes its decisions: the root of its container is read-only, this is a volume of 64 MiB. */
export const DECISION_LOG = { path: "/tmp/decisions.jsonl", maxMebibytes: 16, keptFiles: 2 } as const;

/**
 * What cAdvisor tells is a few seconds old and comes every other second: with steps this short, look back further. Of that
 * the two newest samples count: a rate over all of it would rise for ten seconds where the node's own rises at once, and
 * what a neighbour gives up would look like what it takes.
 */
export const CATALOGUE = Object.fromEntries(
	DEFAULT_CATALOGUE.filter(({ query }) => query.includes("container_cpu_usage_seconds_total")).map(
		({ name, query, ...metric }) => [
			name,
			{ ...metric, query: query.replaceAll("$window", "12s").replaceAll("$step", "9s").replaceAll("rate(", "irate(") },
		],
	),
);

/** What differs from the defaults: times, for a world that changes within minutes. */
const CONFIGURATION = {
	metrics: { step: `${TIMES.step}s`, catalogue: CATALOGUE },
	decisionLog: DECISION_LOG,
	rebalancing: { progressInterval: "500ms", releaseGrace: "2s" },
};

/** The controller belongs on the node that is not for apps. */
const POD_SPEC = {
	nodeSelector: { "kubernetes.io/hostname": CONTROL.name },
	tolerations: CONTROL.taints.map(({ key, effect }) => ({ key, operator: "Exists", effect })),
};

/** Installs kubectl-qos as its manifests have it; resolves when the API server asks its webhook. */
export async function startOurs(cluster: RealCluster, script: Script, mode: "Initial" | "Auto"): Promise<void> {
	await installOverlay(cluster, { configuration: CONFIGURATION, podSpec: POD_SPEC });
	await cluster.kubectl(["apply", "-f", "-"], policies(script, mode));
}
