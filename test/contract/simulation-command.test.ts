import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster/cluster.ts";

const ROOT = join(import.meta.dirname, "../..");
const SCENARIO = join(ROOT, "simulation/scenarios/edge-cloud.yaml");

let cluster: Cluster;
const started: ChildProcess[] = [];

beforeAll(async () => {
	cluster = await startCluster({ prometheus: false });
	await cluster.addNodes([{ name: "edge-1" }, { name: "cloud-1", capacity: { cpu: "2", memory: "4Gi" } }]);
});

afterAll(async () => {
	for (const child of started) child.kill("SIGKILL");
	await cluster?.stop();
});

function run(...options: readonly string[]): { child: ChildProcess; output: () => string } {
	const child = spawn(process.execPath, [join(ROOT, "simulation/main.ts"), ...options]);
	started.push(child);
	let text = "";
	child.stdout?.on("data", (chunk) => (text += String(chunk)));
	child.stderr?.on("data", (chunk) => (text += String(chunk)));
	return { child, output: () => text };
}

test("serves a scenario for the nodes of the cluster until it is told to end", async () => {
	const { child, output } = run("--world", SCENARIO, "--kubeconfig", cluster.kubeconfig, "--port", "0");
	await expect.poll(output, { timeout: 15_000 }).toMatch(/http:\S+/);
	const address = /http:\S+/.exec(output())?.[0] ?? "";
	await expect
		.poll(async () => (await fetch(address)).text(), { timeout: 5000 })
		.toMatch(/node_memory_MemTotal_bytes\{instance="cloud-1",node="cloud-1"\} 4294967296/);
	expect((await fetch(address.replace("/metrics", "/"))).status).toBe(404);
	child.kill("SIGTERM");
	expect(await once(child, "exit")).toEqual([0, null]);
});

test.each([
	[["--world", "/none.yaml"], "/none.yaml: cannot be read (ENOENT); pass the world with --world FILE\n"],
	[["--world", join(ROOT, "package.json")], "world: (root): Unrecognized keys"],
])("%j ends with one line", async (options, message) => {
	const { child, output } = run(...options, "--kubeconfig", cluster.kubeconfig);
	expect(await once(child, "exit")).toEqual([1, null]);
	expect(output()).toContain(message);
	expect(output().trim().split("\n")).toHaveLength(1);
});
