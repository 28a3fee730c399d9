import type { Node } from "../src/core/cluster/node.ts";
import type { WorkloadKey } from "../src/core/cluster/workload.ts";
import type { MetricDefinition, MetricSample } from "../src/core/metrics/metric.ts";
import { MetricStore } from "../src/core/metrics/store.ts";

const STEPS = 10;
const STEP_SECONDS = 30;
const CORES = 16;

const METRICS: readonly MetricDefinition[] = [
	{ name: "node_cpu_usage", scope: "Node", unit: "cores", min: 0, max: 10_000 },
	{ name: "latency", scope: "Workload", unit: "seconds", min: 0, max: 3600 },
	{ name: "workload_cpu_usage", scope: "Workload", unit: "cores", min: 0, max: 10_000 },
];

/** Time of every benchmark, ms since the epoch. */
export const NOW = Date.UTC(2026, 0, 1);

export function nodeNames(count: number): readonly string[] {
	return Array.from({ length: count }, (_, index) => `node-${index}`);
}

export function workloadNames(count: number): readonly WorkloadKey[] {
	return Array.from({ length: count }, (_, index): WorkloadKey => `bench/app-${index}`);
}

/** Ready nodes of 16 cores with speeds from 0.5 to 2. */
export function nodes(names: readonly string[]): ReadonlyMap<string, Node> {
	return new Map(
		names.map((name, index) => {
			const labels = { "kubectl-qos.dev/speed": String(0.5 + (index % 16) / 10), "kubernetes.io/hostname": name };
			const allocatable = { cpu: CORES, memory: 64 * 1024 ** 3, pods: 110 };
			return [name, { name, labels, taints: [], unschedulable: false, ready: true, allocatable }];
		}),
	);
}

/** A full window of measurements of every node and workload; the same every time. */
export function measurements(nodes: readonly string[], workloads: readonly WorkloadKey[]): MetricStore {
	const store = new MetricStore(METRICS, { steps: STEPS, stepSeconds: STEP_SECONDS });
	for (let step = 1 - STEPS; step <= 0; step += 1) measure(store, { nodes, workloads, step });
	return store;
}

/** The time of a step, step 0 being at `NOW`; ms since the epoch. */
export function timeOf(step: number): number {
	return NOW + step * STEP_SECONDS * 1000;
}

/** One more step of measurements. */
export function measure(
	store: MetricStore,
	{ nodes, workloads, step }: { nodes: readonly string[]; workloads: readonly WorkloadKey[]; step: number },
): void {
	const at = timeOf(step);
	const samples: MetricSample[] = [];
	nodes.forEach((entity, index) => {
		samples.push({ metric: "node_cpu_usage", entity, at, value: CORES * wave(index, step) });
	});
	workloads.forEach((entity, index) => {
		samples.push({ metric: "latency", entity, at, value: 0.1 * wave(index, step) });
		samples.push({ metric: "workload_cpu_usage", entity, at, value: wave(index, step) });
	});
	store.ingest(samples, at);
}

/** Something between 0.05 and 0.85 that differs by entity and step. */
function wave(index: number, step: number): number {
	return 0.45 + 0.35 * Math.sin(index * 1.7) + 0.05 * Math.sin(index + step);
}
