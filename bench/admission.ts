import { parseArgs } from "node:util";
import { replay } from "./admission/replay.ts";

/** Our admission decision: replayed directly, then through a real API server beside one without a webhook. */
export async function run(args: readonly string[]): Promise<void> {
	const { values } = parseArgs({
		args: [...args],
		options: {
			nodes: { type: "string", default: "5000" },
			workloads: { type: "string", default: "20" },
			rate: { type: "string", default: "200" },
			seconds: { type: "string", default: "60" },
			step: { type: "string", default: "30" },
		},
	});
	const options = {
		nodes: Number(values.nodes),
		workloads: Number(values.workloads),
		rate: Number(values.rate),
		seconds: Number(values.seconds),
		stepSeconds: Number(values.step),
	};
	console.log(`replay: ${options.rate} reviews/s for ${options.seconds} s, ${options.nodes} nodes cached`);
	const { latencies, placed, cpuSecondsPer1000, rssMiB } = await replay(options);
	console.log(`  placed              ${placed} of ${latencies.count}`);
	console.log(
		`  p50 / p99 / max     ${latencies.quantile(0.5).toFixed(2)} / ${latencies.quantile(0.99).toFixed(2)} / ${latencies.quantile(1).toFixed(1)} ms`,
	);
	console.log(`  CPU s per 1,000     ${cpuSecondsPer1000.toFixed(2)}`);
	console.log(`  RSS                 ${rssMiB.toFixed(0)} MiB`);
}
