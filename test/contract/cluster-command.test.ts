import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "..", "..");
const BOOTSTRAP = join(ROOT, "scripts", "bootstrap.mjs");
const COMMAND = join(ROOT, "test", "cluster", "main.ts");
const folder = mkdtempSync(join(tmpdir(), "cluster-command-"));
const dir = join(folder, "c");
const stateSchema = z.object({ kubeconfig: z.string(), prometheusUrl: z.url(), dir: z.string() });

// Several starts of a whole control plane in one test, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

interface Finished {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

async function run(...args: string[]): Promise<Finished> {
	const child = spawn(process.execPath, [COMMAND, ...args, "--dir", dir], { stdio: ["ignore", "pipe", "pipe"] });
	const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	return { code, stdout, stderr };
}

/** Starts `up` in the foreground, as `npm run cluster` does; resolves with its JSON line. */
async function upInForeground(): Promise<{ child: ChildProcess; state: z.infer<typeof stateSchema> }> {
	const child = spawn(process.execPath, [BOOTSTRAP, "--no-programs", COMMAND, "up", "--json", "--dir", dir], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	if (child.stdout === null) throw new Error("no stdout");
	const [line] = await once(createInterface(child.stdout), "line");
	return { child, state: stateSchema.parse(JSON.parse(line)) };
}

/** Processes that mention the folder of this test. */
function processesOfTest(): { pid: number; commandLine: string }[] {
	return readdirSync("/proc")
		.filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
		.map((pid) => ({ pid: Number(pid), commandLine: commandLineOf(pid) }))
		.filter(({ commandLine }) => commandLine.includes(folder));
}

function commandLineOf(pid: string): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
	} catch {
		return "";
	}
}

async function expectAllGone(): Promise<void> {
	await vi.waitFor(() => expect(processesOfTest()).toEqual([]), { timeout: 10_000, interval: 100 });
}

afterEach(async () => {
	await run("down");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("up in the foreground: status and a second up see it, SIGINT stops it and everything it started", async () => {
	const { child, state } = await upInForeground();
	expect(state.dir).toBe(dir);
	const status = await run("status", "--json");
	expect(JSON.parse(status.stdout)).toMatchObject({ ...state, running: true, ready: true });
	const second = await run("up");
	expect(second.code).toBe(1);
	expect(second.stderr).toContain(`a cluster is already running in ${dir}`);
	expect(
		processesOfTest()
			.map(({ commandLine }) => commandLine)
			.join("\n"),
	).toContain("kube-apiserver");
	const exit = once(child, "exit");
	child.kill("SIGINT");
	expect(await exit).toEqual([0, null]);
	await expectAllGone();
	expect((await run("status")).code).toBe(1);
});

test("killing the command that started it, even by SIGKILL, stops every program", async () => {
	const { child } = await upInForeground();
	child.kill("SIGKILL");
	await expectAllGone();
});

test("killing the owner itself by SIGKILL stops every program, and the folder can be used again", async () => {
	const { child } = await upInForeground();
	const { stdout } = await run("status", "--json");
	process.kill(z.object({ pid: z.number() }).parse(JSON.parse(stdout)).pid, "SIGKILL");
	expect((await once(child, "exit"))[0]).toBe(137);
	await expectAllGone();
	const again = await run("up", "--detach", "--nodes", "1", "--json");
	expect(again.code).toBe(0);
	expect(stateSchema.parse(JSON.parse(again.stdout)).dir).toBe(dir);
	expect((await run("node", "cordon", "node-1")).stdout).toBe("node node-1: cordoned\n");
	expect((await run("down")).stdout).toBe(`stopped the cluster in ${dir}\n`);
	await expectAllGone();
});

test("a program that dies ends the cluster with its last lines", async () => {
	const started = spawn(process.execPath, [COMMAND, "up", "--json", "--dir", dir], {
		stdio: ["ignore", "pipe", "pipe"],
	});
	const stderr = text(started.stderr);
	await once(createInterface(started.stdout), "line");
	const scheduler = processesOfTest().find(({ commandLine }) => commandLine.includes("kube-scheduler"));
	const exit = once(started, "exit");
	process.kill(scheduler?.pid ?? Number.NaN, "SIGTERM");
	expect(await exit).toEqual([1, null]);
	expect(await stderr).toMatch(/kube-scheduler ended .*; the last lines of its log:\n\S/);
	await expectAllGone();
});

test("with --mlflow a real MLflow is there, and is gone when the cluster is stopped", async () => {
	const up = await run("up", "--detach", "--mlflow", "--no-prometheus", "--json");
	expect(up.stderr).toBe("");
	const { mlflowUrl } = z.object({ mlflowUrl: z.url() }).parse(JSON.parse(up.stdout));
	expect((await fetch(`${mlflowUrl}/health`)).status).toBe(200);
	await run("down");
	await expect(fetch(`${mlflowUrl}/health`)).rejects.toThrow("fetch failed");
	await expectAllGone();
});

test("nonsense is answered with one line", async () => {
	expect((await run("up", "--nodes", "-1")).stderr).toContain("--nodes takes a whole number, 0 or more");
	expect((await run("node", "kill", "node-1")).stderr).toContain(`no cluster is running in ${dir}`);
	expect((await run("fly")).stderr).toMatch(/Unknown argument.*fly/);
});
