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

/** How the encoder's load grows, in requests per second: 10 to a core of speed 1. */
const RAMP = { first: 10, last: 80, step: 5, everyMilliseconds: 1200 };

/** A noisy neighbour arrives beside `web` in each half; kubectl-qos sees the breach come and moves `web`. */
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
	const ramp = growLoad(stage);
	await step({ name: "a breach is predicted", timeoutSeconds: 45, stopped }, (signal) => foresee(stage, signal));
	const migration = await step({ name: "web is migrated", timeoutSeconds: 45, stopped }, (signal) =>
		begin(stage, signal),
	);
	await ramp;
	await step({ name: "the move of web succeeds", timeoutSeconds: 60, stopped }, (signal) =>
		conclude(stage, migration, signal),
	);
	await step({ name: "the other apps settle", timeoutSeconds: 60, stopped }, (signal) => settle(stage, signal));
	showMoves(stage);
}

async function growLoad({ world, stopped }: Stage): Promise<void> {
	for (let arrivalRate = RAMP.first; arrivalRate <= RAMP.last; arrivalRate += RAMP.step) {
		world.update({ apps: { encoder: { arrivalRate } } });
		await delay(RAMP.everyMilliseconds, undefined, { signal: stopped }).catch(() => undefined);
	}
}

async function foresee(stage: Stage, signal: AbortSignal): Promise<void> {
	const found = await waitUntil(() => {
		const status = stage.observer.reports.get(workloadIn("with", "web"))?.status;
		const { predicted, measured, node } = status?.current ?? {};
		const target = status?.objective.target ?? Number.POSITIVE_INFINITY;
		return predicted && predicted.value > target
			? { found: { predicted, measured, target, node } }
			: { still: `web is predicted ${formatLatency(predicted?.value)}, its objective is ${formatLatency(target)}` };
	}, signal);
	stage.narrator.done(
		`Breach predicted: web on ${found.node ?? "?"} will take ${formatLatency(found.predicted.value)} (${formatLatency(found.predicted.lower)} to ${formatLatency(found.predicted.upper)}); the objective is ${formatLatency(found.target)}. Measured now: ${formatLatency(found.measured)}.`,
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
		const { from, to, promised } = migration.status;
		stage.narrator.done(
			`web moves from ${from} to ${to}, where ${formatLatency(promised?.value)} are promised: QoSMigration ${migration.name}. The new pod starts first, the old one goes when it is ready.`,
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
