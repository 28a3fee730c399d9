import { setTimeout as delay } from "node:timers/promises";
import { APPS, NAMESPACES, workloadIn } from "../machines.ts";
import { measure } from "../measure.ts";
import { type AppRecord, type DemoRecord, type Half, type HalfRecord, type MoveRecord } from "../record.ts";
import { type Stage, secondsInto, type } from "../stage.ts";
import { step } from "../steps.ts";
import { summaryTable } from "../summary.ts";
import { finishedMoves } from "./disturbance.ts";
import { latencyQuery } from "./latency.ts";

/** Seconds that both halves go on after the last event, so that the record shows how it ends. */
const EPILOGUE_SECONDS = 12;

/** The account of it all: measured by Prometheus in both halves, from the same moment on. */
export async function account(stage: Stage, measuredFrom: number): Promise<DemoRecord> {
	const { narrator, stopped } = stage;
	narrator.chapter("The account");
	await delay(EPILOGUE_SECONDS * 1000, undefined, { signal: stopped });
	await type(stage, `kubectl qos status -n ${NAMESPACES.with}`);
	const to = Date.now();
	const apps = await step({ name: "Prometheus measured both halves", timeoutSeconds: 30, stopped }, () =>
		Promise.all(APPS.map((app) => recordOf(stage, app, { from: measuredFrom, to }))),
	);
	const record: DemoRecord = {
		startedAt: new Date(stage.beganAt).toISOString(),
		from: secondsInto(stage, measuredFrom),
		seconds: secondsInto(stage, to),
		apps,
		marks: [...stage.marks, ...moveMarks(stage)],
		moves: finishedMoves(stage).map((migration) => moveOf(stage, migration)),
		story: narrator.told,
		versions: versions(),
	};
	narrator.say("Latency and violations of the objective, measured by Prometheus every second in both halves:");
	narrator.table(summaryTable(record));
	return record;
}

async function recordOf(
	stage: Stage,
	{ name, target }: (typeof APPS)[number],
	range: { readonly from: number; readonly to: number },
): Promise<AppRecord> {
	const halfOf = async (half: Half): Promise<HalfRecord> => {
		const samples = await measure(stage.cluster.prometheusUrl, { query: latencyQuery(half, name), ...range });
		const offset = secondsInto(stage, range.from);
		const stays = stage.observer.stays(workloadIn(half, name), stage.beganAt, range.to);
		return { samples: samples.map(({ at, value }) => ({ at: at + offset, value })), stays };
	};
	const [served, alone] = await Promise.all([halfOf("with"), halfOf("without")]);
	return { name, target, halves: { with: served, without: alone } };
}

function moveMarks(stage: Stage): DemoRecord["marks"] {
	return finishedMoves(stage).map(({ workload, automatic, status }) => {
		const app = workload.split("/")[1] ?? "";
		const by = automatic ? "kubectl-qos moves" : "a user moves";
		return {
			at: secondsInto(stage, status.startedAt),
			kind: "Move",
			app,
			text: `${by} ${app} from ${status.from} to ${status.to}`,
		};
	});
}

function moveOf(stage: Stage, migration: ReturnType<typeof finishedMoves>[number]): MoveRecord {
	const { workload, automatic, createdAt, requestedBy, status } = migration;
	const from = status.startedAt ?? createdAt;
	return {
		app: workload.split("/")[1] ?? "",
		from: status.from ?? "?",
		to: status.to ?? "?",
		requestedBy: automatic ? "kubectl-qos" : requestedBy,
		before: status.measuredBefore,
		promised: status.promised,
		measured: status.measured,
		phase: status.phase ?? "Pending",
		leastAvailable: stage.observer.leastAvailable(workload, from, status.completedAt ?? Date.now()),
	};
}

function versions(): DemoRecord["versions"] {
	return [["Node", process.versions.node]];
}
