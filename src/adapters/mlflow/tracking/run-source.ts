import type { RunRecord, RunSource, Runs } from "../../../core/tracking/record.ts";
import { forEachConcurrently } from "../../../http/concurrency.ts";
import type { MlflowClient } from "../client.ts";
import { MlflowError } from "../errors.ts";
import type { Run } from "../schema.ts";

export interface MlflowRunSourceOptions {
	readonly client: MlflowClient;
	readonly readEverySeconds: number;
	readonly clock: () => number;
	readonly log: {
		info(fields: object, message: string): void;
		warn(fields: object, message: string): void;
	};
}

/** Runs kept of an experiment: enough to find one of each kind of app, layout and state among them. */
const MOST_RUNS = 200;
const PAGE = 50;

/** Experiments that are read at the same time. */
const AT_ONCE = 4;

/** What nobody asked for so long is not read any more. */
const FORGOTTEN_AFTER_MS = 600_000;

/** The server tells its time in whole seconds, and answers take theirs: what differs less is no difference. */
const LEAST_SKEW_MS = 3000;

interface Watched {
	windowSeconds: number;
	askedAt: number;
	found: Runs;
}

/** The newest runs of the experiments that are asked for, read again and again beside all other work. */
export class MlflowRunSource implements RunSource {
	private readonly options: MlflowRunSourceOptions;
	private readonly watched = new Map<string, Watched>();
	private readonly acted = new Set<string>();
	/** Acted on, and not marked on the server yet. */
	private readonly unmarked = new Set<string>();
	private timer: NodeJS.Timeout | undefined;
	private reading: Promise<void> | undefined;
	/** How far the server's clock is ahead of ours, ms. */
	private skew = 0;
	private isTroubled = false;

	constructor(options: MlflowRunSourceOptions) {
		this.options = options;
	}

	newest(experiment: string, windowSeconds: number): Runs {
		const now = this.options.clock();
		const known = this.watched.get(experiment);
		if (!known) {
			const found = { runs: undefined, problem: undefined };
			this.watched.set(experiment, { windowSeconds, askedAt: now, found });
			this.start();
			return found;
		}
		known.askedAt = now;
		known.windowSeconds = Math.max(known.windowSeconds, windowSeconds);
		return known.found;
	}

	analysed(runId: string): void {
		if (this.acted.has(runId)) return;
		this.acted.add(runId);
		this.unmarked.add(runId);
		for (const watched of this.watched.values()) {
			const runs = watched.found.runs?.map((run) => (run.id === runId ? { ...run, isAnalysed: true } : run));
			watched.found = { ...watched.found, runs };
		}
		this.read();
	}

	/** Reads no more; what is being read is waited for. */
	async stop(): Promise<void> {
		clearInterval(this.timer);
		await this.reading;
	}

	/** Who reads no predictions costs no calls: it begins when something is asked for. */
	private start(): void {
		this.timer ??= setInterval(() => this.read(), this.options.readEverySeconds * 1000);
		this.read();
	}

	private read(): void {
		this.reading ??= this.readAll().finally(() => {
			this.reading = undefined;
			const isUnread = [...this.watched.values()].some(({ found }) => !found.runs && found.problem === undefined);
			if (isUnread) this.read();
		});
	}

	private async readAll(): Promise<void> {
		const now = this.options.clock();
		let problem: string | undefined;
		for (const runId of this.unmarked) problem = (await this.attempt(() => this.mark(runId))) ?? problem;
		await forEachConcurrently(this.watched, AT_ONCE, async ([experiment, watched]) => {
			if (now - watched.askedAt > FORGOTTEN_AFTER_MS) {
				this.watched.delete(experiment);
				return;
			}
			const failed = await this.attempt(async () => {
				watched.found = { runs: await this.runsOf(experiment, watched.windowSeconds), problem: undefined };
			});
			// What was read before still counts, as long as it is young enough.
			if (failed !== undefined) watched.found = { ...watched.found, problem: failed };
			problem = failed ?? problem;
		});
		this.report(problem);
	}

	/** What went wrong, if anything did. */
	private async attempt(work: () => Promise<void>): Promise<string | undefined> {
		try {
			await work();
			return undefined;
		} catch (error) {
			return error instanceof Error ? error.message : String(error);
		}
	}

	private async mark(runId: string): Promise<void> {
		try {
			await this.options.client.logBatch(runId, { params: { analysed: "True" } });
		} catch (error) {
			// It is gone, or holds another word already.
			const isHopeless = error instanceof MlflowError && (error.failure === "NotFound" || error.failure === "Refused");
			if (!isHopeless) throw error;
		}
		this.unmarked.delete(runId);
	}

	private async runsOf(experiment: string, windowSeconds: number): Promise<readonly RunRecord[]> {
		const { client, clock } = this.options;
		const found = await client.experimentByName(experiment);
		this.adjustSkew(client.serverTime);
		if (!found || found.deleted) return [];
		// Two windows: so it can be said that the newest run is too old.
		const since = Math.floor(clock() + this.skew - 2 * windowSeconds * 1000);
		const runs: RunRecord[] = [];
		const search = {
			experimentIds: [found.id],
			filter: `attributes.created > ${since}`,
			orderBy: ["attributes.start_time DESC"],
			pageSize: PAGE,
		};
		for await (const run of client.searchRuns(search)) {
			runs.push(this.recordOf(run));
			if (runs.length === MOST_RUNS) break;
		}
		return runs;
	}

	private recordOf({ id, name, status, startTime = 0, metrics, params, tags }: Run): RunRecord {
		const isAnalysed = params.get("analysed") === "True" || this.acted.has(id);
		return { id, name, status, startedAt: startTime - this.skew, metrics, params, tags, isAnalysed };
	}

	/** Steady against the jitter of answers: a run must not seem to have begun at another time with every look. */
	private adjustSkew(serverTime: number | undefined): void {
		if (serverTime === undefined) return;
		const ahead = serverTime - this.options.clock();
		if (Math.abs(ahead - this.skew) >= LEAST_SKEW_MS) this.skew = ahead;
	}

	/** Logs when things have become other than they were. */
	private report(problem: string | undefined): void {
		const { log, client } = this.options;
		if ((problem !== undefined) === this.isTroubled) return;
		this.isTroubled = problem !== undefined;
		if (problem === undefined) log.info({ server: client.address }, "predictions are read again");
		else log.warn({ reason: problem }, "predictions cannot be read");
	}
}
