import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { freePorts } from "../cluster/ports.ts";
import { locateAll } from "../cluster/programs/programs.ts";
import { isPrometheusReady, prometheusConfig } from "../cluster/prometheus.ts";
import { waitFor } from "../cluster/wait.ts";

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

interface Row {
	/** Seconds since the epoch. */
	readonly at: number;
	/** `namespace/name` */
	readonly app: string;
	/** Seconds. */
	readonly latency: number;
	/** Share of the node's cores in use. */
	readonly load: number;
}

const APPS = [
	["shop/cart", 0.08],
	["shop/search", 0.3],
] as const;
const ROW_SECONDS = 10;

/** Hours of two apps whose latency follows their node's load, one after the other, a row every 10 s. */
function lives(hours: number, start: number): readonly Row[] {
	let noise = 1;
	return APPS.flatMap(([app, level]) =>
		Array.from({ length: (hours * 3600) / ROW_SECONDS }, (_, row) => {
			const load = 0.5 + 0.3 * Math.sin(row / 25) + 0.1 * Math.sin(row / 7);
			noise = (noise * 16_807) % 2_147_483_647;
			const latency = (level / (1 - load)) * (0.9 + (0.2 * noise) / 2_147_483_647);
			return { at: start + row * ROW_SECONDS, app, latency, load };
		}),
	);
}

/** As CSV. */
export function history(): string {
	const rows = lives(3, 1_770_000_000).map(({ at, app, latency, load }) =>
		[at, app, latency.toFixed(5), load.toFixed(4)].join(","),
	);
	return ["timestamp,workload,latency,node_cpu_utilization", ...rows, ""].join("\n");
}

/** As a page for Prometheus, up to now. */
export function historyPage(): string {
	const rows = lives(2.8, Math.floor(Date.now() / 1000) - 2.8 * 3600);
	const line = (name: string, { app, at }: Row, value: number) => {
		const [namespace, pod] = app.split("/");
		return `${name}{namespace="${namespace}",pod="${pod}"} ${value.toFixed(5)} ${at * 1000}`;
	};
	const latencies = rows.map((row) => line("app_latency_seconds", row, row.latency));
	const loads = rows.map((row) => line("app_node_load", row, row.load));
	return [...latencies, ...loads, ""].join("\n");
}

/** A real Prometheus that has scraped a page which tells of hours gone by: samples with times of their own. */
export async function prometheusWith(page: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
	const dir = await mkdtemp(join(tmpdir(), "kubectl-qos-prometheus-"));
	const exporter = http.createServer((_, response) => {
		response.setHeader("content-type", "text/plain; version=0.0.4");
		response.end(page);
	});
	exporter.listen(0, "127.0.0.1");
	await once(exporter, "listening");
	const { port } = exporter.address() as AddressInfo;
	const config = join(dir, "prometheus.yaml");
	await writeFile(config, prometheusConfig(2, [{ job: "history", address: `127.0.0.1:${port}` }]));
	const [own = 0] = await freePorts(1);
	const url = `http://127.0.0.1:${own}`;
	const flags = [`--config.file=${config}`, `--storage.tsdb.path=${join(dir, "data")}`];
	const child = spawn(locateAll().prometheus, [...flags, `--web.listen-address=127.0.0.1:${own}`, "--log.level=error"]);
	const stop = async () => {
		child.kill();
		if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
		exporter.closeAllConnections();
		exporter.close();
		await rm(dir, { recursive: true, force: true });
	};
	const isThere = async () => {
		if (!(await isPrometheusReady(url))) return false;
		const answer = await fetch(`${url}/api/v1/query?query=scrape_samples_post_metric_relabeling`);
		return (await answer.text()).includes('"job":"history"');
	};
	await waitFor(isThere, { what: "a scrape of the history", timeoutMs: 60_000 });
	return { url, stop };
}
