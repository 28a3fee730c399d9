import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:https";
import { fileURLToPath } from "node:url";
import { Latencies } from "./latencies.ts";
import type { Period, ServerUsage, StartedServer } from "./messages.ts";
import { openLoop } from "./open-loop.ts";
import { benchReview } from "./review.ts";

export interface ReplayOptions {
	readonly nodes: number;
	readonly workloads: number;
	/** Reviews per second. */
	readonly rate: number;
	readonly seconds: number;
	readonly stepSeconds: number;
	/** Nothing: the yardstick, which answers without deciding. */
	readonly decides: "Placement" | "Nothing";
	/** The model is one of this MLflow's, and follows its alias. */
	readonly mlflowUrl?: string;
}

export interface ReplayResult {
	readonly latencies: Latencies;
	readonly placed: number;
	readonly cpuSecondsPer1000: number;
	readonly rssMiB: number;
	/** Every review that was measured. */
	readonly reviews: readonly Period[];
	/** When models were switched. */
	readonly switches: readonly Period[];
}

/** Reviews that are sent before measuring: connections are made and code is compiled. */
const WARM_UP = 1000;
const CONNECTIONS = 8;

/** Sends AdmissionReviews at a steady rate to the webhook in a process of its own. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
	const { nodes, workloads, stepSeconds, decides, mlflowUrl } = options;
	const server = fork(
		fileURLToPath(new URL("server.ts", import.meta.url)),
		[nodes, workloads, stepSeconds, decides.toLowerCase(), ...(mlflowUrl === undefined ? [] : [mlflowUrl])].map(String),
	);
	const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, scheduling: "lifo" });
	try {
		const [started] = (await once(server, "message")) as [StartedServer];
		const to = { host: "127.0.0.1", port: started.port, ca: started.authority, agent };
		const usage = async () => {
			server.send("usage");
			const [answer] = (await once(server, "message")) as [ServerUsage];
			return answer;
		};
		await send(to, options, WARM_UP);
		const before = await usage();
		const count = options.rate * options.seconds;
		const { latencies, placed, reviews } = await send(to, options, count);
		const after = await usage();
		const cpuSecondsPer1000 = ((after.cpuSeconds - before.cpuSeconds) / count) * 1000;
		return { latencies, placed, cpuSecondsPer1000, rssMiB: after.rssMiB, reviews, switches: after.switches };
	} finally {
		agent.destroy();
		server.kill();
	}
}

interface Target {
	readonly host: string;
	readonly port: number;
	readonly ca: string;
	readonly agent: Agent;
}

let uids = 0;

async function send(to: Target, { rate, workloads }: ReplayOptions, count: number) {
	const latencies = new Latencies();
	const reviews: Period[] = [];
	const outcomes = await openLoop({ rate, count }, (index) => {
		uids += 1;
		return review(to, benchReview(`review-${uids}`, `app-${index % workloads}`), (period) => {
			latencies.add(period.to - period.from);
			reviews.push(period);
		});
	});
	return { latencies, reviews, placed: outcomes.filter(Boolean).length };
}

/** Whether the pod was placed. */
async function review(to: Target, body: string, measured: (period: Period) => void): Promise<boolean> {
	const from = performance.timeOrigin + performance.now();
	const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
	const outgoing = request({ ...to, method: "POST", path: "/mutate?timeout=3s", headers });
	outgoing.end(body);
	const [response] = await once(outgoing, "response");
	const chunks: Buffer[] = [];
	for await (const chunk of response) chunks.push(chunk as Buffer);
	measured({ from, to: performance.timeOrigin + performance.now() });
	return Buffer.concat(chunks).includes('"patch"');
}
