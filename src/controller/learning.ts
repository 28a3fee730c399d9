import type { Logger } from "pino";
import type { Learned } from "../core/calibration/learned.ts";
import { Learning } from "../core/calibration/learning.ts";
import { NOTHING, restore, stateOf } from "../core/calibration/state.ts";
import type { LearnedStore } from "../core/calibration/store.ts";
import type { ClusterState } from "../core/cluster/state.ts";
import { subjectOf } from "../core/evaluation/subject.ts";
import type { MetricReader } from "../core/metrics/metric.ts";
import type { Migration, MigrationStatus } from "../core/migration/migration.ts";
import type { ModelRegistry } from "../core/model/model.ts";
import type { Evaluated } from "../core/pipeline.ts";
import { governing } from "../core/policy/governing.ts";
import type { PredictionTelemetry } from "./prediction-telemetry.ts";

export interface LearnerOptions {
	readonly learned: Learned;
	readonly store: LearnedStore;
	readonly cluster: () => ClusterState;
	readonly metrics: MetricReader;
	readonly models: ModelRegistry;
	/** This replica leads and its caches are current. */
	readonly mayAct: () => boolean;
	readonly telemetry: PredictionTelemetry;
	readonly clock: () => number;
	readonly logger: Logger;
	/** Default 60. */
	readonly saveEverySeconds?: number;
}

/** Pairs of workload and node that are saved: about 400 KiB, of the 1 MiB that a ConfigMap may hold. */
const MOST_SAVED = 3_000;

/** The leader learns and saves; the other replicas take over what it saved. */
export class Learner {
	private readonly options: LearnerOptions;
	private readonly learning: Learning;
	private timer: NodeJS.Timeout | undefined;
	private endWatch: (() => Promise<void>) | undefined;
	private isLoaded = false;
	/** Something was learned that is not saved. */
	private isChanged = false;

	constructor(options: LearnerOptions) {
		this.options = options;
		this.learning = new Learning(options.learned);
	}

	start(): void {
		const { store, learned, mayAct, saveEverySeconds = 60 } = this.options;
		this.endWatch = store.watch((state) => {
			// A leader knows better than what it or its predecessor saved, but for the first time.
			if (state && this.isLoaded && mayAct()) return;
			this.isLoaded = true;
			// Who deletes it wants all to be learned anew.
			restore(learned, state ?? NOTHING);
		});
		this.timer = setInterval(() => void this.save(), saveEverySeconds * 1000);
	}

	/** Saves a last time; to be called while this replica still leads. */
	async stop(): Promise<void> {
		clearInterval(this.timer);
		await this.save();
		await this.endWatch?.();
	}

	/** Predictions were made that are to be followed up. */
	predicted(evaluated: Iterable<Evaluated>): void {
		const { metrics, clock } = this.options;
		const now = clock();
		for (const { subject, request, here } of evaluated) {
			if (request && here) this.learning.predicted({ subject, model: request.model.reference, here }, { metrics, now });
		}
	}

	/** New measurements are there. Never throws: nothing that waits for them depends on what is learned. */
	collected(): void {
		const { mayAct, logger } = this.options;
		if (!mayAct()) return;
		try {
			this.learn();
		} catch (error) {
			logger.error({ err: error }, "nothing can be learned from new measurements");
		}
	}

	private learn(): void {
		const { cluster, metrics, telemetry, clock } = this.options;
		const followed = this.learning.collected({ cluster: cluster(), metrics, now: clock() });
		this.isChanged = true;
		for (const { outcome, subject } of followed) telemetry.followedUp(subject.policy, outcome);
		telemetry.forget(cluster().policies);
	}

	/** A migration took a step: what it measured is news once. */
	migrated(migration: Migration, status: MigrationStatus): void {
		const { cluster, metrics, models, telemetry, clock } = this.options;
		const { promised, measured, rolledOutAt } = status;
		if (measured === undefined || !promised || migration.status.measured !== undefined) return;
		const workload = cluster().workloads.get(migration.workload);
		const governance = workload && governing(workload, cluster().policies.values());
		if (!workload || !governance) return;
		const { policy } = governance;
		telemetry.promiseMeasured(policy, { promised: promised.value, measured });
		const resolution = models.resolve(policy.model, policy.objective);
		if (resolution.refused) return;
		const subject = subjectOf({ workload, ...governance }, cluster());
		const { reference: model } = resolution.model;
		this.learning.moved({ subject, model, promised, rolledOutAt }, { metrics, now: clock() });
		this.isChanged = true;
	}

	private async save(): Promise<void> {
		const { store, learned, mayAct } = this.options;
		// What is stored must be known before it is replaced.
		if (!this.isChanged || !store.ready() || !mayAct()) return;
		this.isChanged = !(await store.write(stateOf(learned, MOST_SAVED)));
	}
}
