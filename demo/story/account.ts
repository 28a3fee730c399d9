import { setTimeout as delay } from "node:timers/promises";
import { APPS, NAMESPACES, workloadIn } from "../machines.ts";
import { measure } from "../measure.ts";
import { type AppRecord, type DemoRecord, HALVES, type Half, type HalfRecord, type MoveRecord } from "../record.ts";
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
	const from = allServeFrom(apps);
	const record: DemoRecord = {
		startedAt: new Date(stage.beganAt).toISOString(),
		from,
		seconds: secondsInto(stage, to),
		apps: apps.map((app) => since(app, from)),
		marks: [...stage.marks, ...moveMarks(stage)],
		moves: finishedMoves(stage).map((migration) => moveOf(stage, migration)),
		story: narrator.told,
		versions: await step({ name: "versions are known", timeoutSeconds: 20, stopped }, () => versions(stage)),
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

/**
 * The first second by which every app of both halves had been measured: what was before is how long a rate
 * takes to be known, not silence.
 */
export function allServeFrom(apps: readonly AppRecord[]): number {
	const firsts = apps.flatMap(({ halves }) =>
		HALVES.map((half) => halves[half].samples.find(({ value }) => value !== undefined)?.at ?? 0),
	);
	return Math.max(...firsts);
}

function since(app: AppRecord, from: number): AppRecord {
	const cut = ({ samples, stays }: HalfRecord): HalfRecord => ({
		samples: samples.filter(({ at }) => at >= from),
		stays: stays.filter((stay) => stay.to > from).map((stay) => ({ ...stay, from: Math.max(stay.from, from) })),
	});
	return { ...app, halves: { with: cut(app.halves.with), without: cut(app.halves.without) } };
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

async function versions({ cluster, observer }: Stage): Promise<DemoRecord["versions"]> {
	const version = JSON.parse(await cluster.kubectl(["version", "-o", "json"])) as {
		serverVersion?: { gitVersion?: string };
	};
	const answer = await fetch(`${cluster.prometheusUrl}/api/v1/status/buildinfo`);
	const { data } = (await answer.json()) as { data?: { version?: string } };
	const model = observer.reports.get(workloadIn("with", "web"))?.status?.modelRef;
	return [
		["Kubernetes", version.serverVersion?.gitVersion ?? "?"],
		["Prometheus", data?.version ?? "?"],
		["Node", process.version],
		["model", `${model?.name ?? "?"} ${model?.version ?? ""}`],
	];
}
