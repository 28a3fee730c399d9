import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Api } from "../../test/e2e/harness/api.ts";
import { CONTROLLER_NAMESPACE } from "../../test/e2e/harness/installation.ts";
import type { RealCluster } from "../../test/real-nodes/types.ts";
import { DECISION_LOG } from "./installation.ts";
import type { ControllerUse, PolicyName } from "./recording.ts";

/** Prints the decision log, the oldest file first: the image has no shell, but Node. */
const READ_DECISIONS = `
const { existsSync, readFileSync } = require("node:fs");
for (let age = ${DECISION_LOG.keptFiles}; age >= 0; age -= 1) {
	const file = "${DECISION_LOG.path}" + (age === 0 ? "" : "." + age);
	if (existsSync(file)) process.stdout.write(readFileSync(file));
}`;

interface Stay {
	readonly cluster: RealCluster;
	readonly api: Api;
	readonly folder: string;
	readonly policy: PolicyName;
	/** When the script began, ms since the epoch. */
	readonly startedAt: number;
}

/** What the controller's pods took since the script began. Saves their logs and the decision log into the folder. */
export async function collectControllers({
	cluster,
	api,
	folder,
	policy,
	startedAt,
}: Stay): Promise<readonly ControllerUse[]> {
	// Reading the decision log takes memory in the pods: what they took comes first.
	const used = await use(cluster, startedAt);
	const decisions: string[] = [];
	for (const { metadata } of await api.list("Pod", CONTROLLER_NAMESPACE)) {
		const pod = ["-n", CONTROLLER_NAMESPACE, metadata.name];
		await writeFile(join(folder, `${policy}-${metadata.name}.log`), await cluster.kubectl(["logs", ...pod]));
		decisions.push(await cluster.kubectl(["exec", ...pod, "--", "/usr/local/bin/node", "-e", READ_DECISIONS]));
	}
	// One of them leads as a rule; after a change the other one goes on.
	await writeFile(join(folder, `${policy}-decisions.jsonl`), decisions.join(""));
	return used;
}

const answerSchema = z.object({
	data: z.object({
		result: z.array(
			z.object({ metric: z.object({ pod: z.string() }), value: z.tuple([z.number(), z.coerce.number()]) }),
		),
	}),
});

async function use({ prometheusUrl }: RealCluster, startedAt: number): Promise<readonly ControllerUse[]> {
	const span = `[${Math.max(1, Math.round((Date.now() - startedAt) / 1000))}s]`;
	const ours = `namespace="${CONTROLLER_NAMESPACE}"`;
	async function byPod(query: string): Promise<ReadonlyMap<string, number>> {
		const response = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
		const { data } = answerSchema.parse(await response.json());
		return new Map(data.result.map(({ metric, value: [, value] }) => [metric.pod, value]));
	}
	const [resident, workingSet, cpu] = await Promise.all([
		byPod(`max by (pod) (max_over_time(process_resident_memory_bytes{${ours}}${span}))`),
		byPod(`max by (pod) (max_over_time(container_memory_working_set_bytes{${ours}, container="controller"}${span}))`),
		byPod(`sum by (pod) (rate(container_cpu_usage_seconds_total{${ours}, container="controller"}${span}))`),
	]);
	return [...resident].map(([pod, bytes]) => ({
		pod,
		resident: bytes,
		workingSet: workingSet.get(pod) ?? Number.NaN,
		cpu: cpu.get(pod) ?? Number.NaN,
	}));
}
