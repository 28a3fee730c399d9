import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Narrator } from "./narrator.ts";
import { renderPage } from "./report/page.ts";
import { setUp } from "./setup.ts";
import type { Stage, Telling } from "./stage.ts";
import { messageOf } from "./steps.ts";
import { account } from "./story/account.ts";
import { arrive, foretell } from "./story/arrival.ts";
import { moveByHand } from "./story/by-hand.ts";
import { die } from "./story/death.ts";
import { disturb } from "./story/disturbance.ts";
import { userEnvironment } from "./user.ts";

const HELP = `npm run demo [-- OPTIONS]   plays the main job on a real control plane, in about four minutes

  --once          end when the story is told; exit code 1 when a step of it did not happen
  --report FILE   where to write the page (default .demo/report.html)
  --help          print this
`;

const DEMO_FOLDER = resolve(import.meta.dirname, "../.demo");

const READING_SECONDS = 3;

interface Options {
	readonly once: boolean;
	readonly report: string;
}

async function main(): Promise<void> {
	const options = readOptions();
	if (!options) return;
	const stop = new AbortController();
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
	// The bootstrap that started this process is gone, whatever ended it.
	process.once("disconnect", () => stop.abort());
	process.channel?.unref();
	const telling = await beginTelling(stop.signal);
	try {
		const stage = await tell(telling, options);
		if (!options.once) await stayUp(stage);
	} catch (error) {
		if (stop.signal.aborted) interrupted(telling);
		else fail(telling, error);
	} finally {
		await close(telling);
	}
}

function readOptions(): Options | undefined {
	try {
		const { values } = parseArgs({
			options: { once: { type: "boolean" }, report: { type: "string" }, help: { type: "boolean", short: "h" } },
		});
		if (values.help !== true) {
			return { once: values.once === true, report: resolve(values.report ?? join(DEMO_FOLDER, "report.html")) };
		}
		process.stdout.write(HELP);
	} catch (error) {
		process.stderr.write(`${messageOf(error)}\n\n${HELP}`);
		process.exitCode = 2;
	}
	return undefined;
}

async function beginTelling(stopped: AbortSignal): Promise<Telling> {
	const dir = join(DEMO_FOLDER, String(process.pid));
	await mkdir(dir, { recursive: true, mode: 0o700 });
	await removeEnded(DEMO_FOLDER);
	const beganAt = Date.now();
	const { stdout, env } = process;
	const narrator = new Narrator({
		write: (text) => void stdout.write(text),
		columns: Math.max(80, stdout.columns ?? 120),
		colour: stdout.isTTY && (env["NO_COLOR"] ?? "") === "",
		elapsed: () => (Date.now() - beganAt) / 1000,
	});
	return { narrator, stopped, beganAt, dir, closing: [], pids: new Map() };
}

/** Removes what earlier runs left: folders named by processes that are no more. */
async function removeEnded(folder: string): Promise<void> {
	const names = (await readdir(folder)).filter((name) => /^\d+$/.test(name) && !isAlive(Number(name)));
	await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

async function tell(telling: Telling, options: Options): Promise<Stage> {
	const stage = await setUp(telling);
	await breathe(telling);
	await arrive(stage);
	const measuredFrom = Date.now();
	await breathe(telling);
	for (const chapter of [foretell, disturb, moveByHand, die]) {
		await chapter(stage);
		await breathe(telling);
	}
	const record = await account(stage, measuredFrom);
	await mkdir(dirname(options.report), { recursive: true });
	await writeFile(options.report, renderPage(record));
	stage.narrator.done(`The page with the charts: ${options.report}`);
	return stage;
}

/** Time to read a chapter, where somebody may be reading. */
async function breathe({ stopped }: Telling): Promise<void> {
	if (process.stdout.isTTY) await delay(READING_SECONDS * 1000, undefined, { signal: stopped });
}

function interrupted({ narrator }: Telling): void {
	narrator.say("Stopped before the end of the story.");
	process.exitCode = 130;
}

function fail({ narrator, dir, pids }: Telling, error: unknown): void {
	narrator.failed(`The story broke off: ${messageOf(error)}`);
	for (const [name, pid] of pids) if (!isAlive(pid)) narrator.failed(`The ${name} has ended; its log says why.`);
	narrator.say(`Logs of the controller and of the control plane are in ${join(dir, "cluster")}.`);
	process.exitCode = 1;
}

/** Leaves everything running until the user has seen enough. */
async function stayUp(stage: Stage): Promise<void> {
	const { KUBECONFIG = "", PATH = "" } = userEnvironment(stage.cluster);
	const own = PATH.split(":").slice(0, 2).join(":");
	stage.narrator.say("The cluster stays up. To look around, in another terminal:");
	stage.narrator.verbatim(
		[
			`export KUBECONFIG=${KUBECONFIG}`,
			`export PATH=${own}:$PATH`,
			"kubectl qos status -n shop",
			"kubectl qos predict deploy/web -n shop -o wide",
			"kubectl get qosmigrations,events -n shop",
			"kubectl explain qospolicy.spec",
			"",
			`Prometheus:                ${stage.cluster.prometheusUrl}`,
			`The controller's metrics:  ${stage.controller.healthUrl}/metrics`,
			`The controller's log:      ${stage.controller.logFile}`,
		].join("\n"),
	);
	stage.narrator.say("Ctrl-C ends it and removes everything but the page.");
	// Keeps the process alive on its own: nothing else here must.
	const alive = setInterval(() => undefined, 60_000);
	await new Promise<void>((resolve) => stage.stopped.addEventListener("abort", () => resolve(), { once: true }));
	clearInterval(alive);
}

/** Ends what was started, the newest first; each gets its turn even when another fails. */
async function close({ narrator, closing, dir }: Telling): Promise<void> {
	for (const end of closing) {
		await end().catch((error: unknown) => narrator.failed(`while ending: ${messageOf(error)}`));
	}
	// After a failure the logs are what one wants to see.
	if (process.exitCode !== 1) await rm(dir, { recursive: true, force: true });
}

await main();
