import { FileModelRegistry } from "../../../src/adapters/onnx/registry.ts";
import type { Node } from "../../../src/core/cluster/node.ts";
import type { WorkloadKey } from "../../../src/core/cluster/workload.ts";
import { Ledger } from "../../../src/core/features/ledger.ts";
import type { MetricDefinition, MetricSample } from "../../../src/core/metrics/metric.ts";
import { MetricStore } from "../../../src/core/metrics/store.ts";
import type { Model } from "../../../src/core/model/model.ts";
import type { Direction, Objective } from "../../../src/core/policy/policy.ts";
import type { PredictionInputs } from "../../../src/core/prediction/preparation.ts";
import type { PredictionRequest, PredictionResult } from "../../../src/core/prediction/request.ts";

export const NOW = Date.UTC(2026, 0, 1);
export const STEPS = 10;
export const STEP_SECONDS = 30;
export const APP: WorkloadKey = "shop/cart";

export const METRICS: readonly MetricDefinition[] = [
	{ name: "node_cpu_usage", scope: "Node", unit: "cores", min: 0, max: 1e6 },
	{ name: "node_cpu_elastic_usage", scope: "Node", unit: "cores", min: 0, max: 1e6 },
	{ name: "node_cpu_elastic_requests", scope: "Node", unit: "cores", min: 0, max: 1e6 },
	{ name: "node_power", scope: "Node", unit: "watts", min: 0, max: 1e6 },
	{ name: "latency", scope: "Workload", unit: "seconds", min: 0, max: 1e6 },
	{ name: "fps", scope: "Workload", unit: "frames_per_second", min: 0, max: 1e6 },
	{ name: "workload_cpu_usage", scope: "Workload", unit: "cores", min: 0, max: 1e6 },
];

/** A node of 4 cores unless told otherwise; `cpu` is its use in cores, one value or one per step (NaN: none). */
export interface TestNode {
	readonly cpu?: number | readonly number[];
	/** Of `cpu`, what is used by containers beyond their requests, and these; in cores. */
	readonly elastic?: { readonly usage: number | readonly number[]; readonly requests: number | readonly number[] };
	readonly cores?: number;
	readonly speed?: number | string;
}

export interface TestWorld {
	readonly nodes: Readonly<Record<string, TestNode>>;
	/** Metrics of a workload, as for nodes. */
	readonly workloads?: Readonly<Record<string, Readonly<Record<string, number | readonly number[]>>>>;
}

function samples(metric: string, entity: string, values: number | readonly number[]): MetricSample[] {
	return Array.from({ length: STEPS }, (_, step) => ({
		metric,
		entity,
		at: NOW - (STEPS - 1 - step) * STEP_SECONDS * 1000,
		value: typeof values === "number" ? values : (values[step] ?? Number.NaN),
	}));
}

function node(name: string, { cores = 4, speed }: TestNode): Node {
	const labels: Record<string, string> = speed === undefined ? {} : { "kubectl-qos.dev/speed": String(speed) };
	return { name, labels, taints: [], unschedulable: false, ready: true, allocatable: { cpu: cores } };
}

/** Real stores, filled with the world's measurements. */
export function inputsOf(
	world: TestWorld,
): PredictionInputs & { readonly ledger: Ledger; readonly metrics: MetricStore } {
	const metrics = new MetricStore(METRICS, { steps: STEPS, stepSeconds: STEP_SECONDS });
	for (const [name, { cpu, elastic }] of Object.entries(world.nodes)) {
		if (cpu !== undefined) metrics.ingest(samples("node_cpu_usage", name, cpu), NOW);
		if (elastic === undefined) continue;
		metrics.ingest(samples("node_cpu_elastic_usage", name, elastic.usage), NOW);
		metrics.ingest(samples("node_cpu_elastic_requests", name, elastic.requests), NOW);
	}
	for (const [workload, byMetric] of Object.entries(world.workloads ?? {})) {
		for (const [metric, values] of Object.entries(byMetric)) metrics.ingest(samples(metric, workload, values), NOW);
	}
	const nodes = new Map(Object.entries(world.nodes).map(([name, given]) => [name, node(name, given)]));
	return { cluster: { nodes }, metrics, ledger: new Ledger(), now: NOW };
}

export const LATENCY: Objective = {
	metric: "latency",
	direction: "Minimize",
	target: 0.3,
	horizonSeconds: 300,
	aggregate: "Mean",
};

export const FPS: Objective = { ...LATENCY, metric: "fps", direction: "Maximize", target: 24 };

/** The built-in models, loaded for real. */
export async function headroomModels(): Promise<Readonly<Record<Direction, Model>>> {
	const catalogue = new MetricStore(METRICS, { steps: STEPS, stepSeconds: STEP_SECONDS });
	const registry = await FileModelRegistry.open({ catalogue });
	const load = (objective: Objective): Model => {
		const resolution = registry.resolve({ kind: "Builtin", name: "headroom" }, objective);
		if (resolution.refused) throw new Error(resolution.message);
		return resolution.model;
	};
	return { Minimize: load(LATENCY), Maximize: load(FPS) };
}

export function requestFor(
	model: Model,
	nodes: readonly string[],
	more: Partial<PredictionRequest> = {},
): PredictionRequest {
	const objective = model.metadata.target.direction === "Minimize" ? LATENCY : FPS;
	return {
		workload: APP,
		policy: { objective },
		model,
		nodes,
		currentNodes: new Map(),
		cpuRequest: 0.5,
		replicas: 1,
		...more,
	};
}

/** The values by node; fails the test when the whole is Unknown. */
export function valuesOf(result: PredictionResult | undefined): Readonly<Record<string, number>> {
	if (!result?.known) throw new Error(`unknown: ${result?.message}`);
	return Object.fromEntries(result.table.nodes.map((name, index) => [name, result.table.value[index] ?? Number.NaN]));
}
