import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../cmd/kubectl-qos/commands/all.ts";
import { runPlugin } from "../../cmd/kubectl-qos/root.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { waitFor } from "../cluster/wait.ts";
import { recordingTerminal } from "../unit/plugin/terminal.ts";
import {
	apply,
	deployment,
	ended,
	installCustomResources,
	kubeconfigFor,
	patchStatus,
	policy,
	qos,
	report,
	userEnvironment,
} from "./plugin-cluster.ts";

let cluster: Cluster;
/** A kubeconfig whose context is in the namespace of the Deployments. */
let inShop = "";

beforeAll(async () => {
	cluster = await startCluster({ prometheus: false });
	await cluster.addNodes([{ name: "edge-1" }, { name: "edge-2" }]);
	await installCustomResources(cluster);
	await apply(cluster, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
	await apply(cluster, deployment("shop", "web"), deployment("shop", "db"), policy("shop", "fast", ["web", "db"]));
	await report(cluster, "shop", "web");
	await report(cluster, "shop", "db");
	await apply(cluster, {
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSMigration",
		metadata: { namespace: "shop", name: "m1" },
		spec: { workload: "web", to: "edge-2", reason: "test" },
	});
	const config = JSON.parse(await cluster.kubectl(["config", "view", "--raw", "-o", "json"]));
	config.contexts[0].context.namespace = "shop";
	inShop = join(cluster.dir, "in-shop");
	writeFileSync(inShop, JSON.stringify(config));
});
afterAll(() => cluster?.stop());

const ENTER = "\u001B[?1049h";
const LEAVE = "\u001B[?1049l";

/** Runs a shell line in a pseudo-terminal of 80 x 24. */
function inTerminal(line: string): { readonly child: ChildProcessWithoutNullStreams; readonly said: () => string } {
	const prepared = `tty; stty rows 24 cols 80; ${line}`;
	const child = spawn("script", ["-qefc", prepared, "/dev/null"], {
		env: { ...userEnvironment(cluster), KUBECONFIG: inShop, TERM: "xterm-256color", SHELL: "/bin/sh" },
	});
	let text = "";
	child.stdout.on("data", (chunk) => (text += String(chunk)));
	return { child, said: () => text };
}

describe("top", () => {
	test("draws, follows the terminal's size, and leaves it as it was on q", async () => {
		const { child, said } = inTerminal("kubectl qos top --interval 300ms; echo code=$?; stty -a");
		await waitFor(async () => said().includes("web"), { what: "the picture", timeoutMs: 30_000 });
		expect(said()).toContain(ENTER);
		expect(said()).toContain("\u001B[32m[  82o]");
		const [, tty = ""] = /(\/dev\/pts\/\d+)/.exec(said()) ?? [];
		const before = said().length;
		await promisify(execFile)("stty", ["-F", tty, "rows", "10", "cols", "40"]);
		await waitFor(async () => said().slice(before).includes("Deployments 1-2 of 2, nodes 1-3 of 3; q~"), {
			what: "the picture in 40 columns",
			timeoutMs: 15_000,
		});
		child.stdin.write("q");
		await ended(child);
		expect(said()).toContain("code=0");
		const after = said().slice(said().lastIndexOf(LEAVE));
		expect(after).toMatch(/ icanon /);
		expect(after).toMatch(/ echo /);
	});

	test.each(["SIGTERM", "SIGINT"] as const)("gives the terminal back on %s", async (signal) => {
		const { child, said } = inTerminal("sh -c 'echo pid=$$; exec kubectl qos top'; stty -a");
		await waitFor(async () => said().includes("web"), { what: "the picture", timeoutMs: 30_000 });
		const [, pid] = /pid=(\d+)/.exec(said()) ?? [];
		process.kill(Number(pid), signal);
		await ended(child);
		expect(said().indexOf(ENTER)).toBeGreaterThan(0);
		expect(said().slice(said().lastIndexOf(LEAVE))).toMatch(/ icanon /);
	});

	test("reads without colour, and says what a pipe needs", async () => {
		const { child, said } = inTerminal("NO_COLOR=1 kubectl qos top");
		await waitFor(async () => said().includes("web"), { what: "the picture", timeoutMs: 30_000 });
		child.stdin.write("q");
		await ended(child);
		expect(said()).toMatch(/^web +\[ +82o\]> +60\+ +- /m);
		expect(said()).not.toContain("\u001B[32m");
		const piped = await qos(cluster, "top -n shop");
		expect(piped).toEqual({
			code: 1,
			stdout: "",
			stderr: "error: top needs a terminal; for one picture through a pipe, add --once\n",
		});
		const once = await qos(cluster, "top -n shop --once");
		expect(once.stdout).toMatch(/^web +\[ +82o\]> +60\+ +- /m);
		expect(once.stdout).not.toContain("\u001B");
	});
});

describe("pipes and dumb terminals", () => {
	test("-A | head -1: one line, nothing else, 141", async () => {
		const script = 'kubectl qos predict -A -o json | head -1; echo "codes ${PIPESTATUS[*]}"';
		const child = spawn("bash", ["-c", script], { env: { ...userEnvironment(cluster) } });
		child.stdin.end();
		const { stdout, stderr } = await ended(child);
		expect(stderr).toBe("");
		// A short answer fits into the pipe before head has read its line.
		expect(stdout).toMatch(/^\{\ncodes (141|0) 0\n$/);
	});

	test.each(["NO_COLOR=1", "TERM=dumb", "TERM=xterm"])("%s: tables hold no escape bytes", async (setting) => {
		const { child, said } = inTerminal(`${setting} kubectl qos predict; ${setting} kubectl qos status`);
		await ended(child);
		expect(said()).toContain("edge-2");
		expect(said()).not.toContain("\u001B");
	});
});

describe("completion through kubectl", () => {
	async function offered(...words: string[]): Promise<string> {
		const env = { ...userEnvironment(cluster), KUBECONFIG: inShop };
		const { stdout } = await promisify(execFile)(cluster.programs.kubectl, ["__complete", "qos", ...words], { env });
		return stdout;
	}

	test.each([
		[["pre"], "predict\tShow the predicted QoS of Deployments on every node\n:4\n"],
		[["jobs", "pa"], "pause\tSuspend jobs of the controller's timer\n:4\n"],
		[["predict", "--all-n"], /^--all-nodes\t.*\n--all-namespaces\t.*\n:4\n$/],
		[["predict", ""], "db\nweb\n:4\n"],
		[["predict", "web", ""], "db\n:4\n"],
		[["migrate", "deploy/w"], "deploy/web\n:4\n"],
		[["predict", "-n", "sh"], "shop\n:4\n"],
		[["predict", "--namespace=sh"], "shop\n:4\n"],
		[["predict", "--context", ""], "local\n:4\n"],
		[["predict", "--node", ""], "edge-1\nedge-2\n:4\n"],
		[["predict", "-o", "j"], "json\njsonpath\njsonpath-file\n:4\n"],
		[["predict", "-f", ""], ":0\n"],
		[["predict", "--bogus", ""], ":4\n"],
	] as const)("%j", async (words, expected) => {
		const stdout = await offered(...words);
		expect(stdout).toEqual(typeof expected === "string" ? expected : expect.stringMatching(expected));
	});

	test.each(["https://127.0.0.1:1", "https://10.255.255.1"])(
		"%s does not answer: nothing, within 2 s",
		async (server) => {
			const env = { ...userEnvironment(cluster), KUBECONFIG: kubeconfigFor(cluster, { server }) };
			const { terminal, output } = recordingTerminal({ environment: env });
			const start = performance.now();
			expect(await runPlugin(["__complete", "predict", ""], terminal)).toBe(0);
			expect(performance.now() - start).toBeLessThan(2000);
			expect(output).toEqual({ stdout: ":4\n", stderr: "" });
		},
	);

	test("a credential plugin that does not end: nothing, within 2 s, and it is gone", async () => {
		const login = { apiVersion: "client.authentication.k8s.io/v1", command: "sh", interactiveMode: "IfAvailable" };
		const exec = { ...login, args: ["-c", 'sleep 86399; echo "not at once"'] };
		const KUBECONFIG = kubeconfigFor(cluster, { server: "https://127.0.0.1:1" }, { exec });
		const { terminal, output } = recordingTerminal({ environment: { ...userEnvironment(cluster), KUBECONFIG } });
		const start = performance.now();
		expect(await runPlugin(["__complete", "predict", ""], terminal)).toBe(0);
		expect(performance.now() - start).toBeLessThan(2000);
		expect(output).toEqual({ stdout: ":4\n", stderr: "" });
		const { stdout } = await promisify(execFile)("ps", ["-eo", "args"]);
		expect(stdout).not.toContain("sleep 86399");
	});

	test("completion install links the name that kubectl asks for", async () => {
		const dir = join(cluster.dir, "bin");
		mkdirSync(dir);
		const environment = userEnvironment(cluster);
		const { terminal, output } = recordingTerminal({ environment });
		expect(await runPlugin(["completion", "install", "--dir", dir], terminal)).toBe(0);
		expect(readlinkSync(join(dir, "kubectl_complete-qos"))).toMatch(/cmd\/kubectl-qos\/kubectl-qos$/);
		expect(output.stderr).toContain("is not on PATH");
		expect(await runPlugin(["completion", "install", "--dir", dir], terminal)).toBe(0);
		expect(output.stdout).toMatch(/created\n.*is there already\n$/);
	});
});

describe("the examples of the help work", () => {
	const OURS = ["predict", "recommend", "explain", "status", "history", "top", "version", "options"];
	const lines = COMMANDS.filter(({ name }) => OURS.includes(name)).flatMap(({ examples }) =>
		examples.map(([line]) => line),
	);

	/** Does to the QoSJobs of `--refresh` what a controller would. */
	async function runJobs(signal: AbortSignal): Promise<void> {
		const lastRun = { startedAt: new Date().toISOString(), result: "Succeeded", message: "evaluated", duration: "1s" };
		while (!signal.aborted) {
			const names = await cluster.kubectl(["get", "qosjobs", "-n", "shop", "-o", "name"]);
			for (const name of names.split("\n").filter(Boolean)) await patchStatus(cluster, "shop", name, { lastRun });
			await sleep(200);
		}
	}

	test("there are examples of every command", () => {
		for (const { name, hidden, examples } of COMMANDS)
			if (!hidden) expect([name, examples.length]).not.toEqual([name, 0]);
	});

	test.each(lines)("%s", async (line) => {
		const controller = new AbortController();
		const jobs = line.includes("--refresh") ? runJobs(controller.signal) : undefined;
		const { terminal, output } = recordingTerminal({
			environment: { ...process.env, KUBECONFIG: inShop },
			sleep: (milliseconds) => sleep(milliseconds),
			now: Date.now,
			screen: () => ({
				columns: 80,
				rows: 24,
				draw: (drawn) => void (output.stdout += drawn.join("\n")),
				onKey: (listener) => void setTimeout(() => listener("q"), 100),
				onResize: () => {},
				close: () => {},
			}),
		});
		const code = await runPlugin(line.split(" ").slice(2), terminal);
		controller.abort();
		await jobs;
		expect([code, output.stderr.replace(/^hint: .*\n/gm, "")]).toEqual([
			line.includes("--exit-code") ? 1 : 0,
			expect.not.stringContaining("error"),
		]);
		expect(output.stdout).not.toBe("");
	});
});

test("help and errors are the same in any language", async () => {
	const german = { LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8", LANGUAGE: "de" };
	for (const line of ["--help", "top --help", "history --bogus"]) {
		expect(await qos(cluster, line, german)).toEqual(await qos(cluster, line));
	}
	expect(readFileSync(inShop, "utf8")).toContain("shop");
});

describe("--watch", () => {
	/** Not by `qos`, which ends what takes long. */
	function watch(line: string) {
		const child = spawn(cluster.programs.kubectl, ["qos", ...line.split(" "), "-w"], { env: userEnvironment(cluster) });
		let said = "";
		for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
		return { child, said: () => said };
	}

	test("prints what changes, and goes on when the server was away", async () => {
		const { child, said } = watch("recommend -n shop");
		const rows = async (count: number) =>
			waitFor(async () => said().match(/^web /gm)?.length === count, { what: `${count} rows`, timeoutMs: 15_000 });
		await rows(1);
		await report(cluster, "shop", "web");
		await rows(2);
		await cluster.stopProgram("kube-apiserver");
		await cluster.startProgram("kube-apiserver");
		const decision = { action: "Stay", reason: "CoolingDown", message: "x" };
		await patchStatus(cluster, "shop", "qosreport/web", { decision });
		await waitFor(async () => said().includes("CoolingDown"), { what: "a change since then", timeoutMs: 25_000 });
		child.kill("SIGINT");
		expect(await new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)))).toBe(130);
	});

	test("with -l: what appears later and matches, nothing else", async () => {
		const { child, said } = watch("recommend -n shop -l app=late");
		await waitFor(async () => said().includes("No resources found"), { what: "the empty list", timeoutMs: 15_000 });
		await apply(cluster, deployment("shop", "late"));
		for (const name of ["web", "late"]) await report(cluster, "shop", name);
		await waitFor(async () => said().includes("late "), { what: "the newcomer", timeoutMs: 15_000 });
		expect(said()).not.toMatch(/^web /m);
		child.kill("SIGINT");
	});
});
