import { Learned } from "../../core/calibration/learned.ts";
import { type FollowedUp, Learning } from "../../core/calibration/learning.ts";
import { HOSTNAME_KEY, type Node } from "../../core/cluster/node.ts";
import type { Pod } from "../../core/cluster/pod.ts";
import type { ClusterState } from "../../core/cluster/state.ts";
import type { Workload, WorkloadKey } from "../../core/cluster/workload.ts";
import { NODE_CPU_USAGE } from "../../core/features/definitions.ts";
import { Ledger } from "../../core/features/ledger.ts";
import type { MetricSample } from "../../core/metrics/metric.ts";
import { MetricStore } from "../../core/metrics/store.ts";
import type { Migration } from "../../core/migration/migration.ts";
import type { ModelRegistry } from "../../core/model/model.ts";
import { type Evaluated, evaluate, type PipelineInputs } from "../../core/pipeline.ts";
import type { Policy } from "../../core/policy/policy.ts";
import type { Memory } from "../../core/recommendation/memory.ts";
import { succeeded } from "../history.ts";
import type { Tick, WorkloadTick } from "../trace/ticks.ts";
import { tracedPod, tracedWorkload } from "../workload.ts";
import type { MetricColumns } from "./columns.ts";

/** Steps that the controller keeps by default. */
const STEPS = 10;
/** Cores of a node whose trace does not tell them: at least so many. */
const LEAST_CORES = 4;
/** Moves that are kept per workload, as the controller keeps them. */
const KEPT_MOVES = 10;

export interface WorldOptions {
	readonly policy: Policy;
	readonly columns: MetricColumns;
	readonly models: ModelRegistry;
	readonly stepSeconds: number;
}

export function storeFor({ columns, stepSeconds }: Pick<WorldOptions, "columns" | "stepSeconds">): MetricStore {
	return new MetricStore(
		columns.metrics.map(({ definition }) => definition),
		{ steps: STEPS, stepSeconds },
	);
}

/**
 * The cluster as one contender has made it: the trace's nodes and measurements, and the workloads where the
 * contender has put them. What it knows at a tick is what the controller would know.
 */
export class World {
	readonly ledger = new Ledger();
	readonly metrics: MetricStore;
	readonly state: ClusterState;
	private readonly options: WorldOptions;
	private readonly learned = new Learned();
	private readonly learning = new Learning(this.learned);
	private readonly memories = new Map<WorkloadKey, Memory>();
	private readonly nodes = new Map<string, Node>();
	private readonly pods = new Map<string, Pod>();
	private readonly podsByNode = new Map<string, Set<Pod>>();
	private readonly podsByWorkload = new Map<WorkloadKey, Set<Pod>>();
	private readonly workloads = new Map<WorkloadKey, Workload>();
	private readonly traced = new Map<string, Workload>();
	private readonly policies = new Map<string, Policy>();
	private readonly migrations = new Map<string, Migration>();
	private mostCores = LEAST_CORES;

	constructor(options: WorldOptions) {
		this.options = options;
		this.metrics = storeFor(options);
		this.state = {
			nodes: this.nodes,
			pods: this.pods,
			podsByNode: this.podsByNode,
			podsByWorkload: this.podsByWorkload,
			podsWithAntiAffinity: new Set(),
			workloads: this.workloads,
			namespaces: new Map(),
			policies: this.policies,
			migrations: this.migrations,
			disruptionBudgets: new Map(),
			volumeClaims: new Map(),
		};
	}

	/** The Deployment that a workload of the trace stands for. */
	workload(traced: string): Workload {
		let workload = this.traced.get(traced);
		if (!workload) {
			workload = tracedWorkload(traced);
			this.traced.set(traced, workload);
			this.workloads.set(workload.key, workload);
			const { namespace } = workload;
			// The trace says which workloads are meant, so the policy is taken to select them all.
			const placement = { ...this.options.policy.placement, topologyKey: HOSTNAME_KEY, candidates: {} };
			this.policies.set(namespace, { ...this.options.policy, namespace, workloadSelector: {}, placement });
		}
		return workload;
	}

	/** Takes in what is measured at a tick: of the nodes, and of each workload where it is. */
	take({ time, workloads }: Tick, nodeOf: (workload: string) => number | undefined): readonly FollowedUp[] {
		const samples: MetricSample[] = [];
		for (const tick of workloads) {
			const current = nodeOf(tick.workload) ?? tick.current;
			const { key } = this.workload(tick.workload);
			for (const node of tick.present) this.takeNode(tick, node, time, samples);
			for (const { definition, column } of this.options.columns.metrics) {
				if (definition.scope !== "Workload") continue;
				addSample(samples, { metric: definition.name, entity: key, at: time, value: valueAt(tick, column, current) });
			}
			if (!this.podsByWorkload.has(key)) this.place(key, tick.nodes.names[current] ?? "", 0);
		}
		this.metrics.ingest(samples, time);
		// Two steps later measurements show what a move has brought.
		this.ledger.prune(time - 2000 * this.options.stepSeconds, () => false);
		return this.learning.collected({ cluster: this.state, metrics: this.metrics, now: time });
	}

	/** From metrics to recommendations, as the controller does it. */
	async evaluate(now: number): Promise<Evaluated[]> {
		const evaluated = await evaluate(this.inputs(now, { remembers: true, isSelected: () => true }));
		for (const { evaluation, memory, subject, request, here } of evaluated) {
			this.memories.set(evaluation.workload, memory);
			if (!request || !here) continue;
			this.learning.predicted({ subject, model: request.model.reference, here }, { metrics: this.metrics, now });
		}
		return evaluated;
	}

	/** The same for one workload with the ledger as it is now, closed nodes left out; nothing is remembered of it. */
	async look(workload: WorkloadKey, now: number, closed?: ReadonlySet<string>): Promise<Evaluated | undefined> {
		const isSelected = ({ key }: Workload) => key === workload;
		const [evaluated] = await evaluate({ ...this.inputs(now, { remembers: false, isSelected }), closed });
		return evaluated;
	}

	/** Moves a workload at once. */
	move(workload: WorkloadKey, to: string, time: number): void {
		const [pod] = this.podsByWorkload.get(workload) ?? [];
		const move = succeeded({ workload, from: pod?.nodeName, to }, time);
		this.migrations.set(`${workload} ${time}`, move);
		const own = [...this.migrations].filter(([, one]) => one.workload === workload);
		for (const [name] of own.slice(0, -KEPT_MOVES)) this.migrations.delete(name);
		this.place(workload, to, time);
	}

	private inputs(now: number, how: Pick<PipelineInputs, "remembers" | "isSelected">): PipelineInputs {
		const { metrics, ledger, memories, learned } = this;
		const { calibration: calibrator, speeds } = learned;
		const { models } = this.options;
		return { cluster: this.state, metrics, models, ledger, calibrator, speeds, memories, now, ...how };
	}

	private takeNode(tick: WorkloadTick, node: number, time: number, samples: MetricSample[]): void {
		const { metrics, cores, speed } = this.options.columns;
		const name = tick.nodes.names[node] as string;
		for (const { definition, column } of metrics) {
			if (definition.scope !== "Node") continue;
			const value = valueAt(tick, column, node);
			addSample(samples, { metric: definition.name, entity: name, at: time, value });
			if (definition.name === NODE_CPU_USAGE && value > this.mostCores)
				this.mostCores = 2 ** Math.ceil(Math.log2(value));
		}
		const told = cores < 0 ? Number.NaN : valueAt(tick, cores, node);
		const known = {
			cores: told > 0 ? told : this.mostCores,
			speed: speed < 0 ? Number.NaN : valueAt(tick, speed, node),
		};
		const before = this.nodes.get(name);
		if (before?.allocatable["cpu"] !== known.cores) this.nodes.set(name, nodeOf(name, known));
	}

	private place(workload: WorkloadKey, node: string, time: number): void {
		for (const old of this.podsByWorkload.get(workload) ?? []) {
			this.pods.delete(old.uid);
			this.podsByNode.get(old.nodeName as string)?.delete(old);
		}
		const pod = tracedPod(this.workloads.get(workload) as Workload, node, time);
		this.pods.set(pod.uid, pod);
		this.podsByWorkload.set(workload, new Set([pod]));
		this.podsByNode.set(node, (this.podsByNode.get(node) ?? new Set()).add(pod));
	}
}

function valueAt({ columns }: WorkloadTick, column: number, node: number): number {
	return columns[column]?.[node] ?? Number.NaN;
}

/** What is not there is no sample: it will be stale, then absent. */
function addSample(samples: MetricSample[], sample: MetricSample): void {
	if (!Number.isNaN(sample.value)) samples.push(sample);
}

function nodeOf(name: string, { cores, speed }: { readonly cores: number; readonly speed: number }): Node {
	return {
		name,
		labels: { [HOSTNAME_KEY]: name, ...(speed > 0 && { "kubectl-qos.dev/speed": String(speed) }) },
		taints: [],
		unschedulable: false,
		ready: true,
		allocatable: { cpu: cores, memory: 2 ** 50, pods: 1e6 },
	};
}
