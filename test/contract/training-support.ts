import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

const ROOT = new URL("../..", import.meta.url);

export interface Finished {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Starts `npm run models:train -- ...` without npm. */
export function startTraining(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
	const child = spawn(process.execPath, ["training/main.ts", ...args], {
		cwd: ROOT,
		env: { ...process.env, ...environment },
	});
	const finished = (async (): Promise<Finished> => {
		const [stdout, stderr, [code]] = await Promise.all([
			text(child.stdout),
			text(child.stderr),
			once(child, "close") as Promise<[number | null]>,
		]);
		return { code, stdout, stderr };
	})();
	return { child, finished };
}

export function runTraining(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Finished> {
	return startTraining(args, environment).finished;
}

/** Hours of two apps whose latency follows their node's load, as CSV with a row every 10 s. */
export function history(hours = 3): string {
	const lines = ["timestamp,workload,latency,node_cpu_utilization"];
	let noise = 1;
	for (const [app, level] of [
		["shop/cart", 0.08],
		["shop/search", 0.3],
	] as const) {
		for (let row = 0; row < hours * 360; row += 1) {
			const load = 0.5 + 0.3 * Math.sin(row / 25) + 0.1 * Math.sin(row / 7);
			noise = (noise * 16_807) % 2_147_483_647;
			const latency = (level / (1 - load)) * (0.9 + (0.2 * noise) / 2_147_483_647);
			lines.push([1_770_000_000 + row * 10, app, latency.toFixed(5), load.toFixed(4)].join(","));
		}
	}
	return `${lines.join("\n")}\n`;
}
