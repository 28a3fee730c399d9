import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../cmd/kubectl-qos/commands/all.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { apply, deployment, policy, qos, report, userEnvironment } from "./plugin-cluster.ts";

let cluster: Cluster;
let folder: string;

beforeAll(async () => {
	cluster = await startCluster({ prometheus: false, nodes: 2 });
	folder = mkdtempSync(join(tmpdir(), "kubectl-qos-examples-"));
	expect((await qos(cluster, "install --wait=false")).code).toBe(0);
	await cluster.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
});
afterAll(async () => {
	await cluster?.stop();
	rmSync(folder, { recursive: true, force: true });
});

/** Seconds after which what waits for somebody is interrupted: by then it waits. */
const PATIENCE = "5";
/** Seconds for what ends by itself. */
const LIMIT = "40";

/** Examples that end otherwise here, where no controller runs and nobody answers a question. */
const ENDS: Readonly<Record<string, readonly (number | null)[]>> = {
	"kubectl qos migrate deploy/web": [1],
	"kubectl qos migrate deploy/web --to edge-2 --force --yes": [130],
	"kubectl qos migrate deploy/web --revert": [1],
	"kubectl qos check": [1],
	"kubectl qos check --wait 2m": [130],
	"kubectl qos check -o json": [1],
	"kubectl qos jobs run predict -n kubectl-qos-system": [130],
	"kubectl qos install --prometheus-url http://prometheus.monitoring:9090": [130],
};

describe("the examples in the help of commands that act", () => {
	beforeAll(async () => {
		await apply(
			cluster,
			{ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
			deployment("default", "web"),
			deployment("shop", "web"),
			policy("default", "fast", ["web"]),
			{ apiVersion: "v1", kind: "Node", metadata: { name: "edge-2", labels: { "kubernetes.io/hostname": "edge-2" } } },
		);
		await report(cluster, "default", "web");
		for (const [name, where] of [
			["predict", "kubectl-qos-system"],
			["rebalance", "kubectl-qos-system"],
			["nightly", "shop"],
		]) {
			await qos(cluster, `jobs add ${name} --every 1h -n ${where}`);
		}
		const rows = Array.from({ length: 20 }, (_, index) => {
			const time = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString();
			return `${time},w,a,50,50\n${time},w,b,60,60`;
		});
		const trace = `time,workload,node,predicted,actual\n${rows.join("\n")}\n`;
		mkdirSync(join(folder, "bin"));
		writeFileSync(join(folder, "trace.csv"), trace);
		writeFileSync(join(folder, "trace.csv.gz"), gzipSync(trace));
	});

	// Those of the commands that only read are run beside their other tests.
	const acting = /^(migrate|check|jobs|policy|install|uninstall|backtest|completion|version|options)\b/;
	const reading = ["predict", "recommend", "explain", "status", "history", "top"];
	const examples = COMMANDS.filter(({ name }) => acting.test(name)).flatMap(({ examples }) => examples);
	// A decision log is written by a controller, and none runs here: that example is run end to end.
	const lines = examples.map(([line]) => line).filter((line) => !line.includes("decisions.jsonl"));

	/** One example leaves a request behind that the next ones must not meet, and one needs it. */
	async function prepare(line: string): Promise<void> {
		if (!line.includes(" migrate ")) return;
		await cluster.kubectl(["delete", "qosm", "--all"]);
		if (line.includes("--cancel")) await qos(cluster, "migrate web --yes --wait=false");
	}

	it("leave out no command", () => {
		const names = COMMANDS.filter(({ name, hidden }) => !hidden && !acting.test(name)).map(({ name }) => name);
		expect(names).toEqual(reading);
	});

	it.each(lines)("%s", async (line) => {
		const ends = ENDS[line] ?? [0];
		await prepare(line);
		const environment = userEnvironment(cluster);
		const path = `${join(cluster.programs.kubectl, "..")}:${environment["PATH"]}`;
		const child = execFile(
			"timeout",
			["-s", "INT", "--foreground", ends.includes(130) ? PATIENCE : LIMIT, "bash", "-c", line],
			{ cwd: folder, env: { ...environment, PATH: path, HOME: folder } },
		);
		child.stdin?.end();
		let stderr = "";
		child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
		const code = await new Promise((resolve) => child.on("close", resolve));
		expect(stderr).not.toMatch(/unexpected|unknown (command|flag)|--help' for usage/);
		// `timeout` says 124 for what it had to interrupt.
		expect(ends.includes(130) ? [...ends, 124] : ends, stderr).toContain(code);
	});
});
