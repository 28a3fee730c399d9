import { parseAllDocuments } from "yaml";
import { FileModelRegistry } from "../../src/adapters/onnx/registry.ts";
import { parsePolicy } from "../../src/api/v1alpha1/policy.ts";
import { tracedPod, tracedWorkload } from "../../src/backtest/workload.ts";
import { Learned } from "../../src/core/calibration/learned.ts";
import { Learning } from "../../src/core/calibration/learning.ts";
import { HOSTNAME_KEY, type Node } from "../../src/core/cluster/node.ts";
import type { Pod } from "../../src/core/cluster/pod.ts";
import type { ClusterState } from "../../src/core/cluster/state.ts";
import type { Workload, WorkloadKey } from "../../src/core/cluster/workload.ts";
import { Ledger } from "../../src/core/features/ledger.ts";
import type { MetricSample } from "../../src/core/metrics/metric.ts";
import { HISTORY_WINDOWS, MetricStore } from "../../src/core/metrics/store.ts";
import { type Evaluated, evaluate } from "../../src/core/pipeline.ts";
import type { Policy } from "../../src/core/policy/policy.ts";
import { predictedAt } from "../../src/core/recommendation/candidates.ts";
import type { Memory } from "../../src/core/recommendation/memory.ts";
import { NAMESPACES, policies, TIMES } from "./manifests.ts";
import { METRICS } from "./measurements.ts";
import type { Recording } from "./recording.ts";
import type { Forecast } from "./scoring/predictions.ts";
import type { Script } from "./script.ts";

/** Steps of a window, as the controller has it by default. */
const STEPS = 10;
/** The controller reads Prometheus a moment after a step. */
const AFTER_STEP_MS = 200;

/**
 * Predicts a run anew from what was measured in it: the same core, the same measurements, the apps where their
 * requests went. Two versions of the core are told apart in seconds, as two runs, which differ by chance, cannot.
 * What moves promised is not replayed.
 */
export async function replay(recording: Recording, samples: readonly MetricSample[]): Promise<readonly Forecast[]> {
	const metrics = new MetricStore(METRICS, {
		steps: STEPS,
		historySteps: HISTORY_WINDOWS * STEPS,
		stepSeconds: TIMES.step,
	});
	const models = await FileModelRegistry.open({ catalogue: metrics, directory: undefined });
	const world = new RecordedWorld(recording);
	const learned = new Learned();
	const learning = new Learning(learned);
	const memories = new Map<WorkloadKey, Memory>();
	const forecasts: Forecast[] = [];
	const { calibration: calibrator, speeds } = learned;
	const inputs = { cluster: world.state, metrics, models, calibrator, speeds, memories, ledger: new Ledger() };
	const step = TIMES.step * 1000;
	const end = recording.startedAt + recording.script.seconds * 1000;
	let taken = 0;
	for (let now = Math.ceil(recording.startedAt / step) * step + AFTER_STEP_MS; now <= end; now += step) {
		const from = taken;
		while (taken < samples.length && (samples[taken] as MetricSample).at <= now) taken += 1;
		world.advance(now);
		metrics.ingest(samples.slice(from, taken), now);
		learning.collected({ cluster: world.state, metrics, now });
		for (const evaluated of await evaluate({ ...inputs, now, remembers: true, isSelected: () => true })) {
			const { evaluation, memory, subject, request, here } = evaluated;
			memories.set(evaluation.workload, memory);
			if (request && here) learning.predicted({ subject, model: request.model.reference, here }, { metrics, now });
			forecasts.push(forecastOf(evaluated, now));
		}
	}
	return forecasts;
}

function forecastOf({ evaluation, subject }: Evaluated, at: number): Forecast {
	const { candidates, current } = evaluation;
	const predicted = candidates.nodes.flatMap((node, index) => {
		const prediction = predictedAt(candidates, index);
		return prediction ? [[node, prediction] as const] : [];
	});
	return {
		app: subject.workload.name,
		at,
		horizonSeconds: TIMES.horizon,
		measured: current.measured.known ? current.measured.value : undefined,
		node: current.node,
		predicted: new Map(predicted),
	};
}

/** The cluster as it was: an app is where its newest request was answered. */
class RecordedWorld {
	readonly state: ClusterState;
	private readonly pods = new Map<string, Pod>();
	private readonly podsByNode = new Map<string, Set<Pod>>();
	private readonly podsByWorkload = new Map<WorkloadKey, Set<Pod>>();
	private readonly arrivals: readonly { readonly at: number; readonly app: string; readonly node: string }[];
	private readonly workloads: ReadonlyMap<string, Workload>;
	private arrived = 0;

	constructor({ script, requests, startedAt }: Recording) {
		this.workloads = new Map(script.apps.map((app) => [app.name, workloadOf(app)]));
		const last = new Map<string, string>();
		this.arrivals = requests.flatMap(({ kind, app, node, at }) => {
			if (kind !== "request" || node === "" || last.get(app) === node) return [];
			// Where an app is at first it has been for a while.
			const since = last.has(app) ? at : startedAt - 60_000;
			last.set(app, node);
			return [{ at: since, app, node }];
		});
		this.state = {
			nodes: new Map(script.nodes.map((node) => [node.name, nodeOf(node)])),
			pods: this.pods,
			podsByNode: this.podsByNode,
			podsByWorkload: this.podsByWorkload,
			podsWithAntiAffinity: new Set(),
			workloads: new Map([...this.workloads.values()].map((workload) => [workload.key, workload])),
			namespaces: new Map(),
			policies: policiesOf(script),
			migrations: new Map(),
			disruptionBudgets: new Map(),
			volumeClaims: new Map(),
		};
	}

	/** Puts the apps where they were at a time, in ms. */
	advance(now: number): void {
		for (let next = this.arrivals[this.arrived]; next && next.at <= now; next = this.arrivals[this.arrived]) {
			this.arrived += 1;
			this.place(this.workloads.get(next.app) as Workload, next);
		}
	}

	private place(workload: Workload, { node, at }: { readonly node: string; readonly at: number }): void {
		for (const old of this.podsByWorkload.get(workload.key) ?? []) {
			this.pods.delete(old.uid);
			this.podsByNode.get(old.nodeName as string)?.delete(old);
		}
		const pod = tracedPod(workload, node, at);
		this.pods.set(pod.uid, pod);
		this.podsByWorkload.set(workload.key, new Set([pod]));
		this.podsByNode.set(node, (this.podsByNode.get(node) ?? new Set()).add(pod));
	}
}

function nodeOf({ name, speed }: Script["nodes"][number]): Node {
	return {
		name,
		labels: { [HOSTNAME_KEY]: name },
		taints: [],
		unschedulable: false,
		ready: true,
		allocatable: { cpu: speed, memory: 2 ** 50, pods: 110 },
	};
}

function workloadOf({ name, cpuRequest }: Script["apps"][number]): Workload {
	const workload = tracedWorkload(`${NAMESPACES.apps}/${name}`);
	const scheduling = { ...workload.template.scheduling, requests: { cpu: cpuRequest / 1000 } };
	return { ...workload, labels: { app: name }, template: { ...workload.template, labels: { app: name }, scheduling } };
}

/** The policies of the run, of mode Auto: what they decide is not carried out. */
function policiesOf(script: Script): ReadonlyMap<string, Policy> {
	const objects = parseAllDocuments(policies(script, "Auto")).map((document) => document.toJS() as QoSPolicyObject);
	return new Map(
		objects
			.filter(({ kind }) => kind === "QoSPolicy")
			.map(({ metadata, ...object }) => {
				const served = { uid: metadata.name, generation: 1, creationTimestamp: new Date(0).toISOString() };
				const parsed = parsePolicy({ ...object, metadata: { ...metadata, ...served } });
				if (!parsed.ok) throw new Error(`policy ${metadata.name}: ${parsed.message}`);
				return [`${metadata.namespace}/${metadata.name}`, parsed.value] as const;
			}),
	);
}

interface QoSPolicyObject {
	readonly kind: string;
	readonly metadata: { readonly namespace: string; readonly name: string };
}
