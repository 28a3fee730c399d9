import { readFile } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { FileModelRegistry } from "../src/adapters/onnx/registry.ts";
import { openSession } from "../src/adapters/onnx/session.ts";
import { Ledger } from "../src/core/features/ledger.ts";
import type { Model } from "../src/core/model/model.ts";
import type { Objective } from "../src/core/policy/policy.ts";
import { predict } from "../src/core/prediction/predict.ts";
import { type PredictionInputs, prepare } from "../src/core/prediction/preparation.ts";
import type { PredictionRequest } from "../src/core/prediction/request.ts";
import { measurements, NOW, nodeNames, nodes, workloadNames } from "./world.ts";

const OBJECTIVE: Objective = {
	metric: "latency",
	direction: "Minimize",
	target: 0.2,
	horizonSeconds: 300,
	aggregate: "Mean",
};
/** Inputs kept from our run for onnxruntime alone, which runs them over and over. */
const KEPT_INPUTS = 16;

interface Input {
	readonly values: Float32Array;
	readonly rows: number;
}

/** Seconds of one run: by the clock, and of all threads together. */
interface Timing {
	readonly wall: number;
	readonly cpu: number;
}

/** One cycle's predictions, features included, beside onnxruntime alone on the same tensors. */
export async function run(args: readonly string[]): Promise<void> {
	const options = { apps: { type: "string", default: "1000" }, nodes: { type: "string", default: "5000" } } as const;
	const { values } = parseArgs({ args: [...args], options: { ...options, rounds: { type: "string", default: "5" } } });
	const names = nodeNames(Number(values.nodes));
	const workloads = workloadNames(Number(values.apps));
	const total = names.length * workloads.length;
	console.log(`${workloads.length} apps x ${names.length} nodes = ${total} predictions by headroom`);

	const metrics = measurements(names, workloads);
	const registry = await FileModelRegistry.open({ catalogue: metrics });
	const resolution = registry.resolve({ kind: "Builtin", name: "headroom" }, OBJECTIVE);
	if (resolution.refused) throw new Error(resolution.message);
	const requestsTo = (model: Model): PredictionRequest[] =>
		workloads.map((workload, index) => ({
			workload,
			policy: { objective: OBJECTIVE },
			model,
			nodes: names,
			currentNodes: new Map([[names[index % names.length] ?? "", 1]]),
			cpuRequest: 0.5,
			replicas: 1,
		}));
	const inputs = { cluster: { nodes: nodes(names) }, metrics, ledger: new Ledger(), now: NOW };
	const kept = await keepInputs(requestsTo, resolution.model, inputs);
	for (let round = 1; round <= Number(values.rounds); round += 1) {
		await measureRound(round, { requests: requestsTo(resolution.model), inputs, kept, total });
	}
	await registry.close();
}

interface Round {
	readonly requests: readonly PredictionRequest[];
	readonly inputs: PredictionInputs;
	readonly kept: readonly Input[];
	readonly total: number;
}

async function measureRound(round: number, { requests, inputs, kept, total }: Round): Promise<void> {
	const stalls = monitorEventLoopDelay({ resolution: 1 });
	stalls.enable();
	const ours = await time(() => predict(requests, prepare(inputs)));
	stalls.disable();
	const raw = await time(() => onnxruntimeAlone(kept, total));
	console.log(
		[
			`round ${round}`,
			`ours ${describe(ours, total)}`,
			`onnxruntime alone ${describe(raw, total)}`,
			`ratio ${Math.round((100 * raw.cpu) / ours.cpu)} % by CPU, ${Math.round((100 * raw.wall) / ours.wall)} % by clock`,
			`longest event loop stall ${(stalls.max / 1e6).toFixed(1)} ms`,
			`peak RSS ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
		].join("; "),
	);
}

/** Runs a few workloads and keeps what the model was given. */
async function keepInputs(
	requestsTo: (model: Model) => PredictionRequest[],
	model: Model,
	inputs: PredictionInputs,
): Promise<readonly Input[]> {
	const kept: Input[] = [];
	const recorder: Model = {
		reference: model.reference,
		metadata: model.metadata,
		predict(values, rows) {
			kept.push({ values: values.slice(), rows });
			return model.predict(values, rows);
		},
	};
	await predict(requestsTo(recorder).slice(0, KEPT_INPUTS), inputs);
	return kept;
}

async function onnxruntimeAlone(kept: readonly Input[], total: number): Promise<void> {
	const session = await openSession(await readFile(new URL("../models/headroom-minimize.onnx", import.meta.url)));
	let done = 0;
	while (done < total) {
		for (const { values, rows } of kept) {
			await session.run(values, [rows, 10, values.length / rows / 10]);
			done += rows;
			if (done >= total) break;
		}
	}
}

async function time(work: () => Promise<unknown>): Promise<Timing> {
	const cpuBefore = process.cpuUsage();
	const start = performance.now();
	await work();
	const wall = (performance.now() - start) / 1000;
	const { user, system } = process.cpuUsage(cpuBefore);
	return { wall, cpu: (user + system) / 1e6 };
}

function describe({ wall, cpu }: Timing, total: number): string {
	return `${wall.toFixed(2)} s (CPU ${cpu.toFixed(2)} s, ${(total / cpu / 1e6).toFixed(2)} M/s per core)`;
}
