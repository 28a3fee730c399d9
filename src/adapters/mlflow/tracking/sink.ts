import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { TrackingLayout } from "../../../core/policy/policy.ts";
import { runOf } from "../../../core/tracking/layout.ts";
import { NodeOrder } from "../../../core/tracking/node-order.ts";
import type { PredictionSink, Tracked, TrackedRun } from "../../../core/tracking/run.ts";
import type { MlflowClient } from "../client.ts";
import { MlflowError, type MlflowFailure } from "../errors.ts";
import { Experiments } from "./experiments.ts";
import { SAVE_TAG, UnfinishedRuns } from "./unfinished-runs.ts";

/** What became of a run: on the server, pushed out by newer ones, or not taken by the server. */
export type TrackingResult = "saved" | "dropped" | "refused";

export interface TrackingTelemetry {
	/** `values`: metric values that were saved; 0 of a run that was not. */
	ended(layout: TrackingLayout, result: TrackingResult, values: number): void;
	queued(runs: number): void;
	/** Whether the newest call was answered. */
	reachable(isReachable: boolean): void;
}

export interface TrackingLog {
	info(fields: object, message: string): void;
	warn(fields: object, message: string): void;
}

export interface MlflowPredictionSinkOptions {
	readonly client: MlflowClient;
	readonly layouts: readonly TrackingLayout[];
	readonly team: string;
	/** Nodes in the order of their indices, see `NodeOrder`. */
	readonly nodes: readonly string[];
	/** Runs that wait at the most; beyond them the oldest are dropped. */
	readonly queueLimit: number;
	readonly telemetry: TrackingTelemetry;
	readonly log: TrackingLog;
}

/** A run on its way; made only when it is its turn, since thousands of nodes make a large one. */
interface Waiting {
	readonly tracked: Tracked;
	readonly layout: TrackingLayout;
	/** Once it was created: a second try goes on with it. */
	runId?: string;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** What still waits when the controller stops gets so long. */
const STOP_MS = 3000;

/** The same run may be taken later. */
const RETRIED: ReadonlySet<MlflowFailure> = new Set(["Unreachable", "ServerError", "Denied"]);

/** Saves predictions as MLflow runs, one after another, beside all other work. */
export class MlflowPredictionSink implements PredictionSink {
	private readonly options: MlflowPredictionSinkOptions;
	private readonly order: NodeOrder;
	private readonly experiments: Experiments;
	private readonly unfinished: UnfinishedRuns;
	private readonly queue: Waiting[] = [];
	private readonly stopping = new AbortController();
	private draining: Promise<void> | undefined;
	/** What kept the last run from being saved: it is logged once. */
	private problem: string | undefined;

	constructor(options: MlflowPredictionSinkOptions) {
		this.options = options;
		this.order = new NodeOrder(options.nodes);
		this.experiments = new Experiments(options.client);
		this.unfinished = new UnfinishedRuns(options.client);
	}

	record(tracked: readonly Tracked[]): void {
		for (const one of tracked) for (const layout of this.options.layouts) this.queue.push({ tracked: one, layout });
		this.trim();
		this.start();
	}

	/** Gives what waits a moment, then gives it up. */
	async stop(): Promise<void> {
		const timer = setTimeout(() => this.stopping.abort(), STOP_MS);
		await this.draining;
		clearTimeout(timer);
	}

	private start(): void {
		if (this.queue.length === 0 || this.stopping.signal.aborted) return;
		this.draining ??= this.drain().finally(() => {
			this.draining = undefined;
			this.start();
		});
	}

	/** Newer runs are worth more than older ones. */
	private trim(): void {
		const { queueLimit, telemetry } = this.options;
		const surplus = Math.max(0, this.queue.length - queueLimit);
		for (const waiting of this.queue.splice(0, surplus)) this.giveUp(waiting, "dropped");
		telemetry.queued(this.queue.length);
	}

	private giveUp({ layout, runId }: Waiting, result: "dropped" | "refused"): void {
		this.options.telemetry.ended(layout, result, 0);
		if (runId !== undefined) this.unfinished.add({ runId });
	}

	private async drain(): Promise<void> {
		let pause = FIRST_PAUSE_MS;
		// The cycle that gave the runs ends first.
		await nextTurn();
		for (let next = this.queue.shift(); next; next = this.queue.shift()) {
			const isDone = await this.tried(next);
			// What has to be tried again is still the oldest, and may be dropped like any other.
			if (!isDone) this.queue.unshift(next);
			this.trim();
			if (this.stopping.signal.aborted) return;
			if (!isDone) await sleep(pause, undefined, { signal: this.stopping.signal }).catch(() => undefined);
			pause = isDone ? FIRST_PAUSE_MS : Math.min(2 * pause, LONGEST_PAUSE_MS);
		}
	}

	/** Whether it is done with, one way or the other. */
	private async tried(waiting: Waiting): Promise<boolean> {
		const { telemetry, log, client } = this.options;
		const { layout } = waiting;
		const run = runOf(waiting.tracked, layout, { order: this.order, team: this.options.team });
		try {
			await this.save(run, waiting);
		} catch (error) {
			const { failure, message } = problemOf(error);
			// An experiment that was deleted meanwhile is looked for again.
			this.experiments.forget(run.experiment);
			const isRefused = !RETRIED.has(failure);
			telemetry.reachable(isRefused);
			this.report(`${failure} ${isRefused ? run.experiment : ""}`, () =>
				log.warn({ reason: message }, "predictions cannot be saved"),
			);
			if (isRefused) this.giveUp(waiting, "refused");
			return isRefused;
		}
		telemetry.reachable(true);
		telemetry.ended(layout, "saved", run.metrics.length);
		this.report(undefined, () => log.info({ server: client.address }, "predictions are saved again"));
		await this.unfinished.end();
		return true;
	}

	/** Logs when things have become other than they were. */
	private report(problem: string | undefined, write: () => void): void {
		if (problem === this.problem) return;
		this.problem = problem;
		write();
	}

	private async save(run: TrackedRun, waiting: Waiting): Promise<void> {
		const { client } = this.options;
		const { experiment, name, startTime, tags, params, marks, status } = run;
		if (waiting.runId === undefined) {
			waiting.runId = await this.begin(await this.experiments.idOf(experiment), { name, startTime });
		}
		const metrics = run.metrics.map(([key, value]) => ({ key, value, timestamp: startTime }));
		await client.logBatch(waiting.runId, { metrics, params, tags });
		if (Object.keys(marks).length > 0) await client.logBatch(waiting.runId, { params: marks });
		await client.updateRun(waiting.runId, { status, endTime: Date.now() });
	}

	/** The id of a new run. */
	private async begin(experimentId: string, run: Pick<TrackedRun, "name" | "startTime">): Promise<string> {
		const save = randomUUID();
		try {
			return (await this.options.client.createRun({ experimentId, ...run, tags: { [SAVE_TAG]: save } })).id;
		} catch (error) {
			// A server that gave no answer may have begun it all the same, or does so when it wakes up.
			this.unfinished.add({ experimentId, save });
			throw error;
		}
	}
}

/** Whatever goes wrong with one run must not keep the others from being saved. */
function problemOf(error: unknown): Pick<MlflowError, "failure" | "message"> {
	if (error instanceof MlflowError) return error;
	return { failure: "Refused", message: error instanceof Error ? error.message : String(error) };
}
