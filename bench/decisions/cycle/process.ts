import { FileModelRegistry } from "../../../src/adapters/onnx/registry.ts";
import { Calibration } from "../../../src/core/calibration/calibration.ts";
import type { ClusterState } from "../../../src/core/cluster/state.ts";
import type { WorkloadKey } from "../../../src/core/cluster/workload.ts";
import { Ledger } from "../../../src/core/features/ledger.ts";
import { DEFAULT_CAPS } from "../../../src/core/migration/caps.ts";
import { planCycle } from "../../../src/core/migration/plan.ts";
import type { Model } from "../../../src/core/model/model.ts";
import { evaluate, type PipelineInputs } from "../../../src/core/pipeline.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { basisOf } from "../../../src/core/prediction/calibration.ts";
import { prepare } from "../../../src/core/prediction/preparation.ts";
import type { Memory } from "../../../src/core/recommendation/memory.ts";
import { measure, measurements, nodeNames, timeOf } from "../../world.ts";
import { cyclePolicy } from "../policy.ts";
import { clusterOf } from "./cluster.ts";

/** What one process says of its cycles, as one line of JSON. */
export interface CycleFigures {
	readonly apps: number;
	readonly nodes: number;
	/** By the clock, one number per cycle. */
	readonly seconds: readonly number[];
	/** Of all threads, one number per cycle. */
	readonly cpuSeconds: readonly number[];
	/** Peak. */
	readonly rssMiB: number;
	/** Moves planned in all cycles. */
	readonly moves: number;
}

/** Whole cycles: metrics to recommendations of all apps on all nodes, then the joint plan. */
async function main(): Promise<void> {
	const [apps, nodes, cycles] = process.argv.slice(2).map(Number) as [number, number, number];
	const names = nodeNames(nodes);
	const policy = await cyclePolicy();
	const cluster = clusterOf(apps, nodes, policy);
	const metrics = measurements(names, [...cluster.workloads.keys()]);
	const models = await FileModelRegistry.open({ catalogue: metrics });
	const ledger = new Ledger();
	const calibrator = experienced(cluster, basisOf(modelOf(models, policy).reference, policy.objective));
	const memories = new Map<WorkloadKey, Memory>();
	const run = (only: ReadonlySet<WorkloadKey> | undefined, now: number, more: Partial<PipelineInputs> = {}) =>
		evaluate({
			cluster,
			metrics,
			models,
			ledger,
			memories,
			calibrator,
			remembers: only === undefined,
			isSelected: ({ key }) => only?.has(key) ?? true,
			now,
			...more,
		});
	const seconds: number[] = [];
	const cpuSeconds: number[] = [];
	let moves = 0;
	for (let cycle = 0; cycle < cycles; cycle += 1) {
		const now = timeOf(cycle);
		measure(metrics, { nodes: names, workloads: [...cluster.workloads.keys()], step: cycle });
		const cpuBefore = process.cpuUsage();
		const start = performance.now();
		const evaluated = await run(undefined, now);
		for (const { evaluation, memory } of evaluated) memories.set(evaluation.workload, memory);
		const preparation = prepare({ cluster, metrics, ledger, calibrator, now });
		const requests = new Map(evaluated.map(({ evaluation, request }) => [evaluation.workload, request]));
		const { commands } = await planCycle({
			evaluations: evaluated.map(({ evaluation }) => evaluation),
			cluster,
			ledger,
			caps: DEFAULT_CAPS,
			reevaluate: async (workload, closed) =>
				(await run(new Set([workload]), now, { closed, preparation }))[0]?.evaluation,
			cpuCores: ({ workload, recommended }) => {
				const request = requests.get(workload);
				return request && recommended ? preparation.cpuCoresOn(recommended.node, request) : 0;
			},
			now,
		});
		seconds.push((performance.now() - start) / 1000);
		const { user, system } = process.cpuUsage(cpuBefore);
		cpuSeconds.push((user + system) / 1e6);
		moves += commands.length;
	}
	await models.close();
	const rssMiB = process.resourceUsage().maxRSS / 1024;
	const figures: CycleFigures = { apps, nodes, seconds, cpuSeconds, rssMiB, moves };
	console.log(JSON.stringify(figures));
}

function modelOf(models: FileModelRegistry, policy: Policy): Model {
	const resolution = models.resolve(policy.model, policy.objective);
	if (resolution.refused) throw new Error(resolution.message);
	return resolution.model;
}

/** Outcomes of predictions for each app where it runs, so that calibration has something to correct. */
const OUTCOMES = 20;

function experienced({ podsByWorkload }: ClusterState, basis: string): Calibration {
	const calibration = new Calibration();
	for (const [workload, pods] of podsByWorkload) {
		const node = [...pods][0]?.nodeName;
		if (node === undefined) continue;
		for (let index = 0; index < OUTCOMES; index += 1) {
			const raw = { value: 0.1, lower: 0.08, upper: 0.13 };
			const actual = 0.1 + 0.002 * index;
			const at = timeOf(index - OUTCOMES);
			calibration.learn({ basis, workload, node, at, raw, issued: raw, actual, horizonSeconds: 300 });
		}
	}
	return calibration;
}

await main();
