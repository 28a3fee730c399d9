import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { formatInterval } from "../../cmd/kubectl-qos/output/number.ts";
import { isFinished, type Migration } from "../../src/core/migration/migration.ts";
import { NAMESPACES, workloadIn } from "../machines.ts";
import { HALVES } from "../record.ts";
import { mark, nodesOf, type Stage } from "../stage.ts";
import { step, waitUntil } from "../steps.ts";
import { formatLatency } from "../summary.ts";

/** The encoder's load in requests per second, 10 to a core of speed 1: from `felt` on web takes notably longer. */
const LOAD = { first: 10, felt: 45, peak: 80 };
/** By how much it grows in a second: slowly while web is there to feel it. */
const GROWTH = { fast: 2.5, slow: 0.5 };

/** A noisy neighbour arrives beside `web` in each half; kubectl-qos sees the breach come and moves `web` before it does. */
export async function disturb(stage: Stage): Promise<void> {
	const { narrator, stopped } = stage;
	narrator.chapter("A noisy neighbour");
	const nodes = nodesOf(stage, "web");
	narrator.say(
		`A video encoder that requests a tenth of a core and will use several lands beside web, wherever web runs: on ${nodes.with} and on ${nodes.without}.`,
	);
	await step({ name: "the noisy neighbour runs", timeoutSeconds: 30, stopped }, async (signal) => {
		const template = await readFile(join(import.meta.dirname, "../manifests/encoder.yaml"), "utf8");
		for (const half of HALVES) {
			const manifest = template.replaceAll("NODE", nodes[half]);
			await stage.cluster.kubectl(["apply", "-n", NAMESPACES[half], "-f", "-"], manifest);
		}
		await waitUntil(() => {
			const running = HALVES.filter((half) => stage.observer.nodeOf(workloadIn(half, "encoder")) !== undefined);
			return running.length === 2 ? { found: true } : { still: `${running.length} of 2 encoders run` };
		}, signal);
	});
	mark(stage, "Disturbance", `a noisy neighbour beside web, on ${nodes.with} and ${nodes.without}`);
	const moving = new AbortController();
	const ramp = growLoad(stage, moving.signal);
	await step({ name: "a breach is predicted", timeoutSeconds: 75, stopped }, (signal) => foresee(stage, signal));
	const migration = await step({ name: "web is migrated", timeoutSeconds: 75, stopped }, (signal) =>
		begin(stage, signal),
	);
	moving.abort();
	await ramp;
	await step({ name: "the move of web succeeds", timeoutSeconds: 60, stopped }, (signal) =>
		conclude(stage, migration, signal),
	);
	await step({ name: "the other apps settle", timeoutSeconds: 60, stopped }, (signal) => settle(stage, signal));
	showMoves(stage);
}

async function growLoad({ world, stopped }: Stage, moving: AbortSignal): Promise<void> {
	let arrivalRate = LOAD.first;
	while (arrivalRate <= LOAD.peak && !stopped.aborted) {
		world.update({ apps: { encoder: { arrivalRate } } });
		arrivalRate += arrivalRate < LOAD.felt || moving.aborted ? GROWTH.fast : GROWTH.slow;
		await delay(1000, undefined, { signal: stopped }).catch(() => undefined);
	}
}

/** Waits until the reported 90 % interval of `web` reaches beyond its objective. Rejects when that was measured first. */
async function foresee(stage: Stage, signal: AbortSignal): Promise<void> {
	const found = await waitUntil(() => {
		const status = stage.observer.reports.get(workloadIn("with", "web"))?.status;
		const { predicted, measured, node } = status?.current ?? {};
		const target = status?.objective.target ?? Number.POSITIVE_INFINITY;
		return predicted && predicted.upper > target
			? { found: { predicted, measured, target, node } }
			: { still: `web is predicted ${formatLatency(predicted?.value)}, its objective is ${formatLatency(target)}` };
	}, signal);
	const { predicted, measured, target, node } = found;
	if (measured !== undefined && measured > target) {
		throw new Error(`${formatLatency(measured)} was measured before more than ${formatLatency(target)} was predicted`);
	}
	stage.narrator.done(
		`Breach predicted: web on ${node} takes ${formatLatency(predicted.value)} by the model, and ${formatLatency(predicted.lower)} to ${formatLatency(predicted.upper)} in nine of ten cases; the objective is ${formatLatency(target)}. Measured now: ${formatLatency(measured)}, which is within it.`,
	);
}

/** The controller's own migration of `web`, once it is under way. */
function begin(stage: Stage, signal: AbortSignal): Promise<Migration> {
	return waitUntil(() => {
		const migration = [...stage.observer.migrations.values()].find(
			({ workload, automatic, status }) => workload === workloadIn("with", "web") && automatic && status.startedAt,
		);
		if (!migration) {
			const decision = stage.observer.reports.get(workloadIn("with", "web"))?.status?.decision;
			return { still: `the decision is ${decision?.action} (${decision?.reason}): ${decision?.message}` };
		}
		const { from, to, promised, measuredBefore } = migration.status;
		stage.narrator.done(
			`web moves from ${from}, where ${formatLatency(measuredBefore)} are measured, to ${to}, where ${formatLatency(promised?.value)} are promised: QoSMigration ${migration.name}. The new pod starts first, the old one goes when it is ready.`,
		);
		return { found: migration };
	}, signal);
}

async function conclude(stage: Stage, { namespace, name }: Migration, signal: AbortSignal): Promise<void> {
	const ended = await waitUntil(() => {
		const migration = stage.observer.migrations.get(`${namespace}/${name}`);
		if (migration && isFinished(migration)) return { found: migration };
		return { still: `it is ${migration?.status.phase}: ${migration?.status.message}` };
	}, signal);
	const { phase, reason, message } = ended.status;
	if (phase !== "Succeeded") throw new Error(`${name} is ${phase}: ${reason}: ${message}`);
	const least = leastAvailable(stage, ended);
	if (least === undefined || least < 1) throw new Error(`web had ${least} available replicas during its move`);
	stage.narrator.done(
		`Moved without an unavailable moment: a watch of its own never saw fewer than ${least} available replica.`,
	);
}

async function settle(stage: Stage, signal: AbortSignal): Promise<void> {
	await waitUntil(() => {
		const open = [...stage.observer.migrations.values()].filter((migration) => !isFinished(migration));
		return open.length === 0 ? { found: true } : { still: `${open.map(({ name }) => name).join(", ")} not ended` };
	}, signal);
}

function leastAvailable({ observer }: Stage, { workload, createdAt, status }: Migration): number | undefined {
	return observer.leastAvailable(workload, status.startedAt ?? createdAt, status.completedAt ?? Date.now());
}

/** Promise against measurement, of all moves so far; each is marked in the charts. */
function showMoves(stage: Stage): void {
	const rows = finishedMoves(stage).map((migration) => {
		const { from, to, promised, measured, measuredBefore, phase } = migration.status;
		const app = migration.workload.split("/")[1] ?? "";
		const promise = `${formatLatency(promised?.value)} (${formatInterval(promised, "seconds")})`;
		return [app, `${from} → ${to}`, formatLatency(measuredBefore), promise, formatLatency(measured), phase ?? "?"];
	});
	stage.narrator.say("Promise against measurement, a few seconds after each move:");
	stage.narrator.table([["app", "move", "before", "promised", "measured", "end"], ...rows]);
}

/** Migrations that were rolled out, in order of their start. */
export function finishedMoves({ observer }: Stage): readonly Migration[] {
	return [...observer.migrations.values()]
		.filter(({ namespace, status }) => namespace === NAMESPACES.with && status.startedAt !== undefined && status.from)
		.toSorted((left, right) => (left.status.startedAt ?? 0) - (right.status.startedAt ?? 0));
}
