import { execFile } from "node:child_process";
import { parseArgs, promisify } from "node:util";
import type { CycleFigures } from "./cycle/process.ts";
import { type Goal, reached } from "./goals.ts";

const PROCESS = new URL("cycle/process.ts", import.meta.url).pathname;

/** Four sizes for the growth, each four times the one before; the last is the goal's. */
const SIZES = [
	[125, 625],
	[250, 1250],
	[500, 2500],
	[1000, 5000],
] as const;

/** Whole cycles, plan included, each size in a process of its own on one core. */
export async function run(args: readonly string[]): Promise<readonly Goal[]> {
	const { values } = parseArgs({
		args: [...args],
		strict: false,
		options: { cycles: { type: "string", default: "5" }, core: { type: "string", default: "0" } },
	});
	console.log(`Cycles on core ${values.core}: evaluation of all apps on all nodes, and the joint plan`);
	const results: CycleFigures[] = [];
	for (const [apps, nodes] of SIZES) {
		const figures = await measure(apps, nodes, { cycles: String(values.cycles), core: String(values.core) });
		results.push(figures);
		const cpu = `CPU of all threads ${medianOf(figures.cpuSeconds).toFixed(2)} s`;
		const times = `median ${medianOf(figures.seconds).toFixed(2)} s by the clock, ${cpu}`;
		console.log(`  ${apps} x ${nodes}: ${times}, ${figures.moves} moves, peak RSS ${Math.round(figures.rssMiB)} MiB`);
	}
	const largest = results.at(-1) as CycleFigures;
	return [
		reached("1,000 apps x 5,000 nodes: CPU seconds of a cycle (median)", medianOf(largest.cpuSeconds), "<=", 3),
		reached("1,000 apps x 5,000 nodes: peak RSS, MiB", largest.rssMiB, "<=", 768),
		reached("growth: exponent of apps x nodes", exponent(results), "<=", 1.05),
	];
}

async function measure(
	apps: number,
	nodes: number,
	{ cycles, core }: { readonly cycles: string; readonly core: string },
): Promise<CycleFigures> {
	const command = [process.execPath, ...process.execArgv, PROCESS, String(apps), String(nodes), cycles];
	const { stdout } = await promisify(execFile)("taskset", ["-c", core, ...command]);
	return JSON.parse(stdout) as CycleFigures;
}

function medianOf(values: readonly number[]): number {
	return values.toSorted((left, right) => left - right)[values.length >> 1] as number;
}

/** Slope of log CPU seconds over log pairs, by least squares. */
function exponent(results: readonly CycleFigures[]): number {
	const points = results.map(({ apps, nodes, cpuSeconds }) => [Math.log(apps * nodes), Math.log(medianOf(cpuSeconds))]);
	const mean = (index: 0 | 1) => points.reduce((sum, point) => sum + (point[index] as number), 0) / points.length;
	const [meanX, meanY] = [mean(0), mean(1)];
	let covariance = 0;
	let variance = 0;
	for (const [x, y] of points as [number, number][]) {
		covariance += (x - meanX) * (y - meanY);
		variance += (x - meanX) ** 2;
	}
	return covariance / variance;
}
