import { parseArgs } from "node:util";
import { type ReplayOptions, type ReplayResult, replay } from "./admission/replay.ts";
import { type Round, type Run, throughApiServer } from "./admission/through-api-server.ts";

const OPTIONS = {
	only: { type: "string" },
	workloads: { type: "string", default: "20" },
	"replay-nodes": { type: "string", default: "5000" },
	"replay-rate": { type: "string", default: "200" },
	"replay-seconds": { type: "string", default: "60" },
	step: { type: "string", default: "30" },
	nodes: { type: "string", default: "1000" },
	rate: { type: "string", default: "50" },
	seconds: { type: "string", default: "30" },
	rounds: { type: "string", default: "3" },
	scheduled: { type: "boolean", default: false },
} as const;

const PARTS = ["replay", "api-server"];

const QUANTILES = [
	["p50", 0.5],
	["p99", 0.99],
] as const;

/** Our admission decision: replayed directly, then through a real API server beside one without a webhook. */
export async function run(args: readonly string[]): Promise<void> {
	const { values } = parseArgs({ args: [...args], options: OPTIONS });
	const { only } = values;
	if (only !== undefined && !PARTS.includes(only)) throw new Error(`--only ${only}: there are ${PARTS.join(", ")}`);
	const workloads = Number(values.workloads);
	if (only !== "api-server") {
		await reportReplay({
			nodes: Number(values["replay-nodes"]),
			workloads,
			rate: Number(values["replay-rate"]),
			seconds: Number(values["replay-seconds"]),
			stepSeconds: Number(values.step),
		});
	}
	if (only !== "replay") {
		await reportApiServer({
			nodes: Number(values.nodes),
			workloads,
			rate: Number(values.rate),
			seconds: Number(values.seconds),
			rounds: Number(values.rounds),
			scheduled: values.scheduled,
		});
	}
}

async function reportReplay(options: Omit<ReplayOptions, "decides">): Promise<void> {
	console.log(
		`replay: ${options.rate} reviews/s for ${options.seconds} s, ${options.nodes} nodes cached; beside the same webhook deciding nothing`,
	);
	const ours = await replay({ ...options, decides: "Placement" });
	const yardstick = await replay({ ...options, decides: "Nothing" });
	const row = (name: string, read: (result: ReplayResult) => number) => {
		const [own, bare] = [read(ours), read(yardstick)];
		console.log(`  ${name.padEnd(18)}  ${own.toFixed(2)}   bare ${bare.toFixed(2)}   ratio ${(own / bare).toFixed(2)}`);
	};
	console.log(`  placed              ${ours.placed} of ${ours.latencies.count}`);
	for (const [name, share] of QUANTILES) row(`${name}, ms`, ({ latencies }) => latencies.quantile(share));
	row("CPU s per 1,000", ({ cpuSecondsPer1000 }) => cpuSecondsPer1000);
	row("RSS, MiB", ({ rssMiB }) => rssMiB);
}

async function reportApiServer(options: Parameters<typeof throughApiServer>[0]): Promise<void> {
	const { rate, seconds, nodes, rounds: count, scheduled } = options;
	console.log(
		`through kube-apiserver: ${rate} pods/s for ${seconds} s, ${nodes} nodes, pods ${scheduled ? "scheduled and run" : "held by a scheduling gate"}; ${count} rounds, the median and the least to the most`,
	);
	const rounds = await throughApiServer(options);
	for (const [name, share] of QUANTILES) {
		const quantile = (run: Run) => run.latencies.quantile(share);
		const without = rounds.map((round) => quantile(round.without));
		const withWebhook = rounds.map((round) => quantile(round.with));
		const ratios = rounds.map((round) => quantile(round.with) / quantile(round.without));
		console.log(
			`  client ${name}, ms      without ${spread(without)}   with ${spread(withWebhook)}   ratio ${spread(ratios)}`,
		);
	}
	const of = (read: (round: Round["with"]) => number) => rounds.map((round) => read(round.with));
	console.log(`  webhook mean, ms    ${spread(of(({ meanMs }) => meanMs))} by the API server's own metrics`);
	console.log(`  within 5 ms, %      ${spread(of(({ fastShare }) => fastShare * 100))}`);
	console.log(
		`  CPU s per 1,000     ${spread(of(({ cpuSecondsPer1000 }) => cpuSecondsPer1000))} of the controller, caches and timer included`,
	);
	const total = (read: (round: Round["with"]) => number) => of(read).reduce((sum, value) => sum + value, 0);
	console.log(
		`  placed              ${total(({ placed }) => placed)} of ${total(({ latencies }) => latencies.count)}, failed open ${total(({ failedOpen }) => failedOpen)}`,
	);
}

/** `median (least to most)`. */
function spread(values: readonly number[]): string {
	const sorted = values.toSorted((left, right) => left - right);
	const [least = Number.NaN] = sorted;
	const [middle = Number.NaN] = sorted.slice(Math.floor((sorted.length - 1) / 2));
	return `${middle.toFixed(2)} (${least.toFixed(2)} to ${(sorted.at(-1) ?? Number.NaN).toFixed(2)})`;
}
