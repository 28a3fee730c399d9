import { parseArgs } from "node:util";
import { Calibration } from "../src/core/calibration/calibration.ts";
import type { WorkloadKey } from "../src/core/cluster/workload.ts";
import type { PredictionTable } from "../src/core/prediction/prediction.ts";
import { nodeNames, workloadNames } from "./world.ts";

const BASIS = "any";
const RAW = { value: 100, lower: 80, upper: 130 };
/** Nodes that every workload was on. */
const VISITS = 4;

interface Options {
	readonly workloads: readonly WorkloadKey[];
	readonly nodes: readonly string[];
}

/** Calibration of one cycle's predictions, beside copying their tables once. */
export async function run(args: readonly string[]): Promise<void> {
	const options = { apps: { type: "string", default: "1000" }, nodes: { type: "string", default: "5000" } } as const;
	const { values } = parseArgs({ args: [...args], options: { ...options, rounds: { type: "string", default: "5" } } });
	const nodes = nodeNames(Number(values.nodes));
	const workloads = workloadNames(Number(values.apps));
	console.log(`${workloads.length} apps x ${nodes.length} nodes, ${VISITS} nodes learned of each`);
	const calibration = new Calibration();
	for (let visit = 0; visit < VISITS; visit += 1) learn(calibration, { workloads, nodes }, visit);
	for (let round = 1; round <= Number(values.rounds); round += 1) {
		learn(calibration, { workloads, nodes }, VISITS + round);
		const table = newTable(nodes);
		const raw = newTable(nodes);
		const copied = cpuSeconds(() => {
			for (const _ of workloads) copy(raw, table);
		});
		const fitted = cpuSeconds(() => calibrate(calibration, table, workloads.slice(0, 1)));
		const both = cpuSeconds(() => {
			for (const workload of workloads) {
				copy(raw, table);
				calibrate(calibration, table, [workload]);
			}
		});
		const rows = workloads.length * nodes.length;
		const perRow = ((both - copied) / rows) * 1e9;
		console.log(
			`round ${round}; fit of what was learned ${(fitted * 1e3).toFixed(1)} ms; calibration ${(both - copied).toFixed(3)} s, ${perRow.toFixed(1)} ns a row; copying alone ${copied.toFixed(3)} s`,
		);
	}
}

/** One outcome of every workload, each visit on another node. */
function learn(calibration: Calibration, { workloads, nodes }: Options, visit: number): void {
	workloads.forEach((workload, index) => {
		const node = nodes[(index * 7 + (visit % VISITS) * 13) % nodes.length] ?? "";
		const actual = 90 + ((index + visit) % 40);
		const at = visit * 300_000;
		calibration.learn({ workload, node, basis: BASIS, raw: RAW, issued: RAW, actual, at, horizonSeconds: 300 });
	});
}

function calibrate(calibration: Calibration, table: PredictionTable, workloads: readonly WorkloadKey[]): void {
	const currentNodes = new Map([[table.nodes[7] ?? "", 1]]);
	for (const workload of workloads) calibration.calibrate({ workload, basis: BASIS, currentNodes, least: 0 }, table);
}

function newTable(nodes: readonly string[]): PredictionTable {
	return {
		nodes,
		value: new Float32Array(nodes.length).fill(RAW.value),
		lower: new Float32Array(nodes.length).fill(RAW.lower),
		upper: new Float32Array(nodes.length).fill(RAW.upper),
		extrapolated: new Uint8Array(nodes.length),
	};
}

function copy(from: PredictionTable, to: PredictionTable): void {
	to.value.set(from.value);
	to.lower.set(from.lower);
	to.upper.set(from.upper);
}

function cpuSeconds(work: () => void): number {
	const before = process.cpuUsage();
	work();
	return process.cpuUsage(before).user / 1e6;
}
