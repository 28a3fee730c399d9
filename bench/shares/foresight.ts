import { FileModelRegistry } from "../../src/adapters/onnx/registry.ts";
import type { Node } from "../../src/core/cluster/node.ts";
import { Ledger } from "../../src/core/features/ledger.ts";
import { MetricStore } from "../../src/core/metrics/store.ts";
import type { Model } from "../../src/core/model/model.ts";
import type { Objective } from "../../src/core/policy/policy.ts";
import { predict } from "../../src/core/prediction/predict.ts";
import { type Prediction, predictionAt } from "../../src/core/prediction/prediction.ts";
import type { PredictionRequest } from "../../src/core/prediction/request.ts";
import type { RealNodeSpec } from "../../test/real-nodes/types.ts";
import { NAMESPACES } from "../truth/manifests.ts";
import { METRICS } from "../truth/measurements.ts";
import { HORIZON_SECONDS, type Moment, type Seen } from "./recording.ts";
import { HOME } from "./run.ts";
import { APP, type Cpu, type Situation } from "./situations.ts";
import { STEP_SECONDS, STEPS } from "./telemetry.ts";

const OBJECTIVE: Objective = {
	metric: "latency",
	direction: "Minimize",
	target: (5 * APP.costMilliseconds) / 1000,
	horizonSeconds: HORIZON_SECONDS,
	aggregate: "Mean",
};

/** `undefined`: Unknown. */
export interface Foreseen {
	/** From home: what it would be there. */
	readonly before: Prediction | undefined;
	/** From there: what it goes on to be. */
	readonly there: Prediction | undefined;
}

/** What the core says of a situation, by the built-in model as it ships, without calibration: nothing was learned yet. */
export class Foresight {
	private readonly model: Model;

	private constructor(model: Model) {
		this.model = model;
	}

	static async open(): Promise<Foresight> {
		const registry = await FileModelRegistry.open({ catalogue: storeOf() });
		const resolution = registry.resolve({ kind: "Builtin", name: "headroom" }, OBJECTIVE);
		if (resolution.refused) throw new Error(resolution.message);
		return new Foresight(resolution.model);
	}

	async of({ name, node, app }: Situation, { nodes, before, there, createdAt }: Seen): Promise<Foreseen> {
		return {
			before: await this.ask(before, { nodes, pod: HOME, at: "home", node, cpu: app }),
			there: await this.ask(there, {
				nodes,
				pod: name,
				at: node,
				node,
				cpu: app,
				currentLimit: app.limit,
				settledSince: createdAt,
			}),
		};
	}

	private async ask(
		{ now, samples }: Moment,
		asked: {
			readonly nodes: Seen["nodes"];
			readonly pod: string;
			readonly at: string;
			readonly node: string;
			readonly cpu: Cpu;
			/** In millicores. */
			readonly currentLimit?: number | undefined;
			readonly settledSince?: number;
		},
	): Promise<Prediction | undefined> {
		const metrics = storeOf();
		metrics.ingest(samples, now);
		const { nodes, cpu, currentLimit, pod, at, node, settledSince } = asked;
		const request: PredictionRequest = {
			workload: `${NAMESPACES.apps}/${pod}`,
			policy: { objective: OBJECTIVE },
			model: this.model,
			nodes: [node],
			currentNodes: new Map([[at, 1]]),
			settledSince,
			cpuRequest: cores(cpu.request) ?? 0,
			cpuLimit: cores(cpu.limit),
			currentCpuLimit: cores(currentLimit),
			replicas: 1,
		};
		const [result] = await predict([request], {
			cluster: { nodes: new Map(nodes.map((spec) => [spec.name, nodeOf(spec)])) },
			metrics,
			ledger: new Ledger(),
			now,
		});
		if (!result?.known) throw new Error(`${pod} on ${node}: ${result?.message}`);
		return predictionAt(result.table, 0);
	}
}

function nodeOf({ name, speed }: RealNodeSpec): Node {
	return { name, labels: {}, taints: [], unschedulable: false, ready: true, allocatable: { cpu: speed } };
}

function storeOf(): MetricStore {
	return new MetricStore(METRICS, { steps: STEPS, stepSeconds: STEP_SECONDS });
}

function cores(millicores: number | undefined): number | undefined {
	return millicores === undefined ? undefined : millicores / 1000;
}
