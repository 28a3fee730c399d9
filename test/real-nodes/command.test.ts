import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { run } from "../cluster/programs/run.ts";
import { leftBehind, type Traces } from "./left-behind.ts";
import { whyNoRealNodes } from "./requirements.ts";

const COMMAND = join(import.meta.dirname, "..", "cluster", "main.ts");
const stateSchema = z.object({ kubeconfig: z.string(), prometheusUrl: z.url() });
const lacks = await whyNoRealNodes();

describe.skipIf(lacks !== "")("npm run cluster -- up --real", () => {
	const folder = mkdtempSync(join(tmpdir(), "real-command-"));
	const dir = join(folder, "c");

	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	/** Starts it in the foreground; resolves when its nodes are Ready. */
	async function up(...args: string[]) {
		const child = spawn(process.execPath, [COMMAND, "up", "--real", "--json", "--dir", dir, ...args], {
			stdio: ["ignore", "pipe", "inherit"],
		});
		const [line] = await once(createInterface(child.stdout), "line");
		const { prometheusUrl } = stateSchema.parse(JSON.parse(line));
		const hostAddress = new URL(prometheusUrl).hostname.replace(/\d+$/, "1");
		const traces: Traces = { owner: child.pid ?? 0, dir, isTemporary: false, hostAddress };
		expect(await leftBehind(traces), "all kinds of traces are found").toEqual(
			expect.arrayContaining([/^process/, /^cgroup/, /^address/, /^folder/].map((kind) => expect.stringMatching(kind))),
		);
		return { child, traces };
	}

	async function expectNothingLeft(traces: Traces): Promise<void> {
		await vi.waitFor(async () => expect(await leftBehind(traces)).toEqual([]), { timeout: 20_000, interval: 200 });
	}

	test("killed by SIGKILL, it leaves nothing behind", async () => {
		const { child, traces } = await up("--speeds", "0.5,0.1");
		child.kill("SIGKILL");
		await expectNothingLeft(traces);
	});

	test("when the first process of its namespaces is killed, all ends and nothing is left", async () => {
		const { child, traces } = await up();
		const exit = once(child, "exit");
		process.kill(firstProcess(), "SIGKILL");
		expect(await exit).toEqual([1, null]);
		await expectNothingLeft(traces);
	});

	test("nodes are acted on from another shell, and down leaves nothing behind", async () => {
		const { traces } = await up("--speeds", "0.5,0.1");
		const command = (...args: string[]) => run(process.execPath, [COMMAND, ...args, "--dir", dir]);
		expect((await command("node", "speed", "node-1", "0.25")).stdout).toBe("node node-1: speed 0.25\n");
		expect((await command("node", "kill", "node-2")).stdout).toBe("node node-2: NotReady\n");
		expect((await command("node", "revive", "node-2")).stdout).toBe("node node-2: Ready\n");
		expect((await command("node", "cordon", "node-2")).stdout).toBe("node node-2: cordoned\n");
		expect((await command("node", "add", "node-3")).stderr).toContain("nodes of --real are there from the start");
		expect((await command("down")).stdout).toBe(`stopped the cluster in ${dir}\n`);
		await expectNothingLeft(traces);
	});

	/** The one that mentions the folder and is number 1 in its namespace. */
	function firstProcess(): number {
		for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
			try {
				const isOurs = readFileSync(`/proc/${entry}/cmdline`, "utf8").includes("network.sh");
				if (isOurs && /^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${entry}/status`, "utf8"))) return Number(entry);
			} catch {
				// Ended meanwhile.
			}
		}
		throw new Error("no first process of namespaces");
	}
});

test("flags that make no sense with real nodes, or without, are answered with one line", async () => {
	const up = async (...args: string[]) => (await run(process.execPath, [COMMAND, "up", ...args])).stderr;
	expect(await up("--real", "--speeds", "fast")).toContain("--speeds takes numbers of CPUs, as in 0.8,0.4,0.2");
	expect(await up("--real", "--nodes", "7")).toContain("--nodes 7: with --real there are as many as --speeds names");
	expect(await up("--speeds", "1")).toContain("--speeds and --image go with --real");
});
