import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Goal, reached } from "./goals.ts";

const NODES = 6;
const STEP_MS = 300_000;
/** Prints the most memory that the process ever held, in KiB. */
const TELL_MEMORY = `import { writeSync } from "node:fs"; process.on("exit", () => writeSync(2, "peak " + process.resourceUsage().maxRSS + "\\n"));`;

/** A trace of two million rows through the plugin, all policies and the oracle on it. */
export async function run(args: readonly string[]): Promise<readonly Goal[]> {
	const { values } = parseArgs({
		args: [...args],
		strict: false,
		options: { rows: { type: "string", default: "2000000" } },
	});
	const rows = Number(values.rows);
	const directory = await mkdtemp(join(tmpdir(), "backtest-bench-"));
	try {
		const path = join(directory, "trace.csv");
		await writeTrace(path, rows);
		const mebibytes = (await stat(path)).size / 2 ** 20;
		console.log(`Backtest of ${rows} rows (${mebibytes.toFixed(0)} MiB), six policies`);
		const { seconds, mebibytes: peak } = await backtest(path);
		console.log(
			`  ${seconds.toFixed(1)} s, ${Math.round(rows / seconds / 1000)} thousand rows a second; peak RSS ${peak.toFixed(0)} MiB`,
		);
		return [
			reached("backtest: seconds", seconds, "<=", (60 * rows) / 2e6),
			reached("backtest: peak RSS, MiB", peak, "<=", 300),
		];
	} finally {
		await rm(directory, { recursive: true });
	}
}

async function writeTrace(path: string, rows: number): Promise<void> {
	const file = createWriteStream(path);
	let text = "time,workload,node,predicted,lower,upper,actual\n";
	for (let tick = 0; tick < rows / NODES; tick += 1) {
		const time = new Date(Date.UTC(2026, 0, 1) + tick * STEP_MS).toISOString();
		for (let node = 0; node < NODES; node += 1) {
			const actual = 25 - 2 * node;
			// Something that goes up and down, the same every time.
			const predicted = actual + 2.5 * (1 + Math.sin(tick * 12.9898 + node * 78.233));
			const interval = `${(predicted - 2).toFixed(4)},${(predicted + 2).toFixed(4)}`;
			text += `${time},shop/web,node-${node},${predicted.toFixed(4)},${interval},${actual}\n`;
		}
		if (text.length < 1 << 16) continue;
		if (!file.write(text)) await once(file, "drain");
		text = "";
	}
	file.end(text);
	await once(file, "close");
}

async function backtest(trace: string): Promise<{ readonly seconds: number; readonly mebibytes: number }> {
	const plugin = join(import.meta.dirname, "../../cmd/kubectl-qos/main.ts");
	const words = ["backtest", "--trace", trace, "--direction", "Maximize", "--target", "25", "--compare", "all"];
	const start = performance.now();
	const child = spawn(
		process.execPath,
		["--import", `data:text/javascript,${encodeURIComponent(TELL_MEMORY)}`, plugin, ...words],
		{ stdio: ["ignore", "inherit", "pipe"] },
	);
	let told = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		told += text;
	});
	const [code] = await once(child, "close");
	const seconds = (performance.now() - start) / 1000;
	if (code !== 0) throw new Error(told);
	return { seconds, mebibytes: Number(/peak (\d+)/.exec(told)?.[1]) / 1024 };
}
