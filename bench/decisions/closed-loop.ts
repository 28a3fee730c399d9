import { appendFile, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { ControllerProcess } from "../../test/e2e/harness/controller.ts";
import { NAMESPACES, TIMES } from "./closed-loop/manifests.ts";
import { CAPS, moveFigures } from "./closed-loop/moves.ts";
import { COMPRESSION, type Script, scriptOf } from "./closed-loop/script.ts";
import { deployOurs, moveIn, placeByDefault, placementNow, type Stage, setUp, startOurs } from "./closed-loop/stage.ts";
import { Tally, TOLERANCE } from "./closed-loop/tally.ts";
import type { Placement, TruthTeller } from "./closed-loop/truth.ts";
import { type Goal, reached } from "./goals.ts";

const OPTIONS = {
	seed: { type: "string", default: "1" },
	minutes: { type: "string", default: "5" },
	apps: { type: "string", default: "40" },
	nodes: { type: "string", default: "12" },
	/** Kill the controller in the middle and start it again. */
	restart: { type: "boolean", default: false },
	/** Write what was so and what was decided, second by second, as JSON Lines. */
	trace: { type: "string" },
} as const;

/** How often the knowing reference settles anew: it takes a while to think. */
const SETTLE_EVERY = 10;

/**
 * The same world and script by the default scheduler and by kubectl-qos, on a real control plane. The default
 * scheduler moves nothing, so that where it put the apps says all: the world tells what would be so at every
 * moment. What is measured is what the world knows, never what we predict.
 */
export async function run(args: readonly string[]): Promise<readonly Goal[]> {
	const { values } = parseArgs({ args: [...args], strict: false, options: OPTIONS });
	const script = scriptOf({
		seed: Number(values.seed),
		minutes: Number(values.minutes),
		apps: Number(values.apps),
		nodes: Number(values.nodes),
	});
	describe(script, Number(values.minutes));
	const stop = new AbortController();
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
	process.once("disconnect", () => stop.abort());
	process.channel?.unref();
	const closing: Stage["closing"] = [];
	try {
		const stage = await setUp(script, { closing, stopped: stop.signal });
		return await play(stage, {
			restart: values.restart === true,
			trace: typeof values.trace === "string" ? values.trace : undefined,
		});
	} catch (error) {
		if (!stop.signal.aborted) throw error;
		process.exitCode = 130;
		return [];
	} finally {
		for (const end of closing) await end().catch((error: unknown) => console.error("while ending:", error));
	}
}

interface PlayOptions {
	readonly restart: boolean;
	readonly trace: string | undefined;
}

/** Where our apps were at a moment; what is true of it is worked out afterwards, lest that disturbs the run. */
interface Sample {
	/** On the world's clock. */
	readonly worldTime: number;
	readonly ours: Placement;
}

async function play(stage: Stage, options: PlayOptions): Promise<readonly Goal[]> {
	const alone = await placeByDefault(stage);
	await moveIn(stage);
	const controller = await startOurs(stage);
	await deployOurs(stage);
	const teller = stage.begin();
	const samples = await live(stage, controller, options);
	return report(stage, tallied(samples, alone, teller));
}

async function live(stage: Stage, controller: ControllerProcess, options: PlayOptions): Promise<readonly Sample[]> {
	const { script, stopped } = stage;
	const startedAt = Date.now();
	const count = Math.round(script.seconds / COMPRESSION / TIMES.step);
	const samples: Sample[] = [];
	let restarting: Promise<unknown> = Promise.resolve();
	if (options.trace !== undefined) await writeFile(options.trace, "");
	while (samples.length < count) {
		const due = startedAt + (samples.length + 1) * TIMES.step * 1000;
		await delay(Math.max(0, due - Date.now()), undefined, { signal: stopped });
		const sample = { worldTime: stage.worldTime(), ours: placementNow(stage) };
		samples.push(sample);
		if (options.trace !== undefined) await appendFile(options.trace, traceLine(stage, sample));
		if (options.restart && samples.length === Math.floor(count / 2)) restarting = startAgain(stage, controller);
	}
	await restarting;
	return samples;
}

async function startAgain(stage: Stage, controller: ControllerProcess): Promise<void> {
	await controller.kill();
	await startOurs(stage);
}

type Tallies = Readonly<Record<"alone" | "ours" | "knowing", Tally>>;

function tallied(samples: readonly Sample[], alone: Placement, teller: TruthTeller): Tallies {
	const tallies = { alone: new Tally(), ours: new Tally(), knowing: new Tally() };
	const seconds = TIMES.step * COMPRESSION;
	let knowing = alone;
	samples.forEach(({ worldTime, ours }, index) => {
		if (index % SETTLE_EVERY === 0) knowing = teller.settle(knowing, worldTime);
		tallies.ours.add(teller.about(ours, worldTime), seconds);
		tallies.alone.add(teller.about(alone, worldTime), seconds);
		tallies.knowing.add(teller.about(knowing, worldTime), seconds);
	});
	return tallies;
}

function traceLine({ observer, script }: Stage, { worldTime, ours }: Sample): string {
	const apps = script.apps.map(({ name }) => ({
		app: name,
		node: ours.get(name),
		report: observer.reports.get(`${NAMESPACES.ours}/${name}`)?.status,
	}));
	return `${JSON.stringify({ now: Date.now(), worldTime, apps, migrations: [...observer.migrations.values()] })}\n`;
}

function describe({ machines, apps, neighbours, seed, seconds }: Script, minutes: number): void {
	const declared = machines.filter(({ isDeclared }) => isDeclared).length;
	console.log(
		`Closed loop: ${machines.length} nodes (${declared} declare their speed), ${apps.length} apps, ${neighbours.length} noisy neighbours, seed ${seed}; ${seconds / 3600} h in ${minutes} min (all times by ${COMPRESSION})`,
	);
}

function report({ observer }: Stage, tallies: Tallies): readonly Goal[] {
	const rows = [
		["default scheduler", tallies.alone],
		["kubectl-qos", tallies.ours],
		["all-knowing, free moves", tallies.knowing],
	] as const;
	for (const [name, tally] of rows) {
		const hours = (tally.violated / 3600).toFixed(2);
		console.log(
			`  ${name.padEnd(24)} ${hours.padStart(7)} app-hours beyond target (${percent(tally.violatedShare)})   on the best node ${percent(tally.accuracy)}   latency ${tally.meanOfTarget.toFixed(2)} of target   unserved ${(tally.unserved / 60).toFixed(1)} min`,
		);
	}
	const moves = moveFigures(observer.migrations.values());
	console.log(
		`  ${moves.moves} moves, at most ${moves.mostPerApp} of one app; ${moves.reverted} reverted, ${moves.failed} failed, ${moves.rejected} rejected; at once at most ${moves.mostTo} to a node and ${moves.mostFrom} from one; at most ${moves.mostArrivals} arrivals on a node per Rebalance`,
	);
	return [
		reached(
			"closed loop: SLO-violation time over the default scheduler's",
			tallies.ours.violated / tallies.alone.violated,
			"<=",
			0.2,
		),
		reached(
			`closed loop: top-1 accuracy (within ${TOLERANCE * 100} %) over the default scheduler's`,
			tallies.ours.accuracy / tallies.alone.accuracy,
			">=",
			1.54,
		),
		reached("closed loop: apps that moved twice within a cooldown", moves.movedTwice.length, "<=", 0),
		reached("closed loop: moves at once to one node", moves.mostTo, "<=", CAPS.perDestination),
		reached("closed loop: moves at once from one node", moves.mostFrom, "<=", CAPS.perSource),
		reached("closed loop: app-seconds without service", tallies.ours.unserved, "<=", 0),
	];
}

function percent(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
}
