import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { CONTROLLER_NAMESPACE } from "../../e2e/harness/installation.ts";
import type { PodObject } from "../../e2e/harness/kinds.ts";
import { tellingLines } from "../../e2e/harness/log.ts";
import { parseMetrics, sumOf } from "../../e2e/harness/metrics-text.ts";
import { isReady } from "../../e2e/harness/workloads.ts";
import type { RealStage } from "./stage.ts";

const SELECTOR = "app.kubernetes.io/component=controller";

/** The controller's pods that are not on their way out. */
async function replicas({ api }: RealStage): Promise<readonly PodObject[]> {
	const pods = await api.list("Pod", CONTROLLER_NAMESPACE, SELECTOR);
	return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** The two replicas once both are Ready. */
export function bothReady(stage: RealStage): Promise<readonly PodObject[]> {
	return stage.waitUntil("both replicas of the controller are Ready", async () => {
		const pods = await replicas(stage);
		const states = pods.map((pod) => `${pod.metadata.name} on ${pod.spec.nodeName} ${isReady(pod)}`);
		if (pods.length !== 2 || !pods.every(isReady)) throw new Error(states.join(", "));
		return pods;
	});
}

/** Who holds the Lease: the name of its pod and a part that is the process' own. Empty when nobody does. */
async function holder({ api }: RealStage): Promise<string> {
	return (await api.get("Lease", CONTROLLER_NAMESPACE, "kubectl-qos")).spec.holderIdentity ?? "";
}

/** The pod that leads, and the other one. */
export async function roles(
	stage: RealStage,
): Promise<{ readonly leader: PodObject; readonly follower: PodObject; readonly identity: string }> {
	const pods = await bothReady(stage);
	const identity = await stage.waitUntil("somebody leads", async () => (await holder(stage)) || undefined);
	const leader = pods.find(({ metadata }) => identity.startsWith(`${metadata.name}_`));
	const follower = pods.find((pod) => pod !== leader);
	if (!leader || !follower) throw new Error(`${identity} leads, but there are ${names(pods)}`);
	return { leader, follower, identity };
}

/** Waits until another process than this one leads; resolves to its identity. */
export function nextLeader(stage: RealStage, identity: string, timeoutMs?: number): Promise<string> {
	return stage.waitUntil(
		"another replica leads",
		async () => {
			const now = await holder(stage);
			return now === "" || now === identity ? undefined : now;
		},
		timeoutMs,
	);
}

/** Runs of the timer that the leading process has finished since it leads. */
async function runs(stage: RealStage, action: "Predict" | "Rebalance"): Promise<number> {
	const identity = await holder(stage);
	const leader = (await replicas(stage)).find(({ metadata }) => identity.startsWith(`${metadata.name}_`));
	const response = await fetch(`http://${leader?.status?.podIP}:8080/metrics`, { signal: AbortSignal.timeout(2000) });
	return sumOf(parseMetrics(await response.text()), "kubectl_qos_cycle_duration_seconds_count", { action });
}

/** Waits until the leader has begun and ended so many more runs that could move something. */
export async function moreRebalancing(stage: RealStage, count: number): Promise<void> {
	const before = await stage.waitUntil("the leader tells of its runs", () => runs(stage, "Rebalance"));
	await stage.waitUntil(`${count} more runs`, async () => {
		const now = await runs(stage, "Rebalance");
		// The run that was under way at the beginning does not count.
		if (now < before + count + 1) throw new Error(`${now - before} so far`);
		return true;
	});
}

/** The last lines of all that replicas have logged, for a test that failed. */
export async function showLogs({ cluster }: RealStage): Promise<void> {
	const logs = join(cluster.dir, `machines/*/pod-logs/${CONTROLLER_NAMESPACE}_*/controller/*.log`);
	for await (const file of glob(logs)) {
		if (readFileSync(file, "utf8") !== "") console.error(`last lines of ${file}:\n${tellingLines(file)}`);
	}
}

function names(pods: readonly PodObject[]): string {
	return pods.map(({ metadata }) => metadata.name).join(", ");
}
