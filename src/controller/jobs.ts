import type { Logger } from "pino";
import { isFromFuture } from "../core/clock-skew.ts";
import type { Job, JobRun, JobStatus, NewJob } from "../core/job/job.ts";
import { nextStart, pendingSlot, scheduleError } from "./schedule.ts";

/** Port: where QoSJobs are kept. Writing never rejects. */
export interface JobStore {
	jobs(): Iterable<Job>;
	recordStatus(job: Job, status: JobStatus): Promise<void>;
	/** Creates a job that runs at an interval, unless one of that name is there. */
	create(job: NewJob): Promise<void>;
}

/** What a job does; resolves to a sentence about what was done, rejects when it could not be done. */
export type JobAction = (job: Job) => Promise<string>;

export interface JobRunnerOptions {
	readonly store: JobStore;
	readonly actions: Readonly<Record<Job["action"], JobAction>>;
	/** Where the shipped jobs belong. */
	readonly ownNamespace: string;
	readonly isLeader: () => boolean;
	readonly clock: () => number;
	readonly logger: Logger;
}

/**
 * The jobs that ship. They cannot stand in the manifests beside their own CRD, which the API server must
 * know first; so the leader makes them where its namespace has no job at all. To have none, suspend them.
 */
const SHIPPED = [
	{ name: "predict", action: "Predict", intervalSeconds: 60 },
	{ name: "rebalance", action: "Rebalance", intervalSeconds: 300 },
] as const;

/** Longest sleep between two looks at the jobs, so that a new or changed job is noticed soon. */
const LOOK_EVERY_MS = 500;

/**
 * Runs QoSJobs on the leader, one at a time over all jobs: a run that takes longer than its interval
 * delays the next one and never overlaps it.
 */
export class JobRunner {
	private readonly options: JobRunnerOptions;
	private timer: NodeJS.Timeout | undefined;
	private running: Promise<void> | undefined;
	private stopped = false;
	private shipped = false;
	/** Slots served by this process: the caches may show `status.lastRun` a moment later. */
	private readonly served = new Map<string, number>();
	private readonly reportedNext = new Map<string, number | undefined>();

	constructor(options: JobRunnerOptions) {
		this.options = options;
	}

	start(): void {
		this.timer = setTimeout(() => this.look(), LOOK_EVERY_MS);
	}

	/** Starts no further run and waits for the one under way. */
	async stop(): Promise<void> {
		this.stopped = true;
		clearTimeout(this.timer);
		await this.running;
	}

	private look(): void {
		this.running = this.runDue()
			.catch((error: unknown) => this.options.logger.error({ err: error }, "job runner failed"))
			.finally(() => {
				if (!this.stopped) this.start();
			});
	}

	private async ship(): Promise<void> {
		const { store, ownNamespace: namespace, isLeader } = this.options;
		if (this.shipped || !isLeader()) return;
		this.shipped = true;
		for (const job of store.jobs()) if (job.namespace === namespace) return;
		for (const job of SHIPPED) await store.create({ namespace, ...job });
	}

	private async runDue(): Promise<void> {
		await this.ship();
		const due: { job: Job; start: number }[] = [];
		for (const job of this.options.store.jobs()) {
			if (!this.options.isLeader()) return;
			const error = scheduleError(job);
			if (error !== undefined) {
				await this.refuse(job, error);
				continue;
			}
			const now = this.options.clock();
			const slot = pendingSlot(job, now);
			if (slot && !this.isServed(job, slot.due, now)) {
				this.served.set(job.uid, slot.due);
				due.push({ job, start: slot.start });
			} else {
				await this.announceNext(job, now);
			}
		}
		for (const { job } of due.sort((left, right) => left.start - right.start)) {
			if (this.stopped || !this.options.isLeader()) return;
			await this.run(job);
		}
	}

	private isServed({ uid }: Job, due: number, now: number): boolean {
		const served = this.served.get(uid);
		return served !== undefined && !isFromFuture(served, now) && due <= served;
	}

	private async run(job: Job): Promise<void> {
		const { actions, clock, logger, store } = this.options;
		const startedAt = clock();
		let result: Pick<JobRun, "result" | "message">;
		try {
			result = { result: "Succeeded", message: await actions[job.action](job) };
		} catch (error) {
			result = { result: "Failed", message: error instanceof Error ? error.message : String(error) };
		}
		const durationSeconds = (clock() - startedAt) / 1000;
		const log = { job: `${job.namespace}/${job.name}`, action: job.action, durationSeconds, ...result };
		if (result.result === "Failed") logger.warn(log, "job failed");
		else logger.info(log, "job ran");
		const nextRun = nextStart(job, clock());
		this.reportedNext.set(job.uid, nextRun);
		await store.recordStatus(job, { lastRun: { startedAt, durationSeconds, ...result }, nextRun });
	}

	private async announceNext(job: Job, now: number): Promise<void> {
		const nextRun = nextStart(job, now);
		if (nextRun === job.status.nextRun || this.reportedNext.get(job.uid) === nextRun) return;
		this.reportedNext.set(job.uid, nextRun);
		await this.options.store.recordStatus(job, { lastRun: job.status.lastRun, nextRun });
	}

	private async refuse(job: Job, message: string): Promise<void> {
		if (job.status.lastRun?.message === message) return;
		this.options.logger.warn({ job: `${job.namespace}/${job.name}`, message }, "job cannot be scheduled");
		const lastRun: JobRun = { startedAt: this.options.clock(), durationSeconds: 0, result: "Failed", message };
		await this.options.store.recordStatus(job, { lastRun, nextRun: undefined });
	}
}
