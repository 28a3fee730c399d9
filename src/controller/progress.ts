import type { Logger } from "pino";
import type { ClusterState } from "../core/cluster/state.ts";
import type { WorkloadKey } from "../core/cluster/workload.ts";
import { type DecisionLog, outcomeEntry } from "../core/decision-log/entry.ts";
import type { Ledger } from "../core/features/ledger.ts";
import type { MetricReader } from "../core/metrics/metric.ts";
import type { Command } from "../core/migration/command.ts";
import { EvictionBackoff } from "../core/migration/eviction-backoff.ts";
import { byAge, superfluous } from "../core/migration/history.ts";
import { reconcileReservations } from "../core/migration/in-flight.ts";
import { advance } from "../core/migration/life-cycle.ts";
import { isFinished, type Migration, type MigrationStatus } from "../core/migration/migration.ts";
import { NodeOutage } from "../core/migration/node-outage.ts";
import { releases } from "../core/migration/release.ts";
import type { Evaluation } from "../core/recommendation/recommendation.ts";
import type { Executor } from "./apply.ts";
import type { Evaluator } from "./evaluation.ts";
import type { Learner } from "./learning.ts";
import { runSteps } from "./steps.ts";
import type { Telemetry } from "./telemetry.ts";

export interface ProgressOptions {
	readonly cluster: () => ClusterState;
	readonly metrics: MetricReader;
	readonly ledger: Ledger;
	readonly evaluator: Evaluator;
	readonly executor: Executor;
	readonly learner: Learner;
	readonly decisionLog?: DecisionLog | undefined;
	/** This replica leads and its caches are current. */
	readonly mayAct: () => boolean;
	/** Seconds between two looks when nothing changes. */
	readonly intervalSeconds: number;
	readonly releaseGraceSeconds: number;
	/** How long nodes have to report after an outage. */
	readonly nodeSettleSeconds: number;
	/** Seconds since the API server answered again after an outage; infinite: there was none. */
	readonly secondsSinceOutage: () => number;
	/** Calls the listener when a migration or a node changes. */
	readonly onChange: (listener: () => void) => void;
	readonly clock: () => number;
	readonly telemetry: Telemetry;
	readonly logger: Logger;
}

/** Changes come in bursts: one look serves them all. */
const SETTLE_MS = 50;

/** Keeps migrations going and pins releasable, on the leader, one look at a time. */
export class Progress {
	private readonly options: ProgressOptions;
	private timer: NodeJS.Timeout | undefined;
	private running: Promise<void> | undefined;
	private stopped = false;
	private readonly backoff = new EvictionBackoff();
	private readonly outage: NodeOutage;

	constructor(options: ProgressOptions) {
		this.options = options;
		this.outage = new NodeOutage(options.nodeSettleSeconds);
	}

	start(): void {
		this.options.onChange(() => this.schedule(SETTLE_MS));
		this.schedule(this.options.intervalSeconds * 1000);
	}

	/** Starts no further look and waits for the one under way. */
	async stop(): Promise<void> {
		this.stopped = true;
		clearTimeout(this.timer);
		await this.running;
	}

	private schedule(milliseconds: number): void {
		if (this.stopped || this.running) return;
		clearTimeout(this.timer);
		this.timer = setTimeout(() => {
			this.running = this.look()
				.catch((error: unknown) => this.options.logger.error({ err: error }, "migrations cannot be looked at"))
				.finally(() => {
					this.running = undefined;
					this.schedule(this.options.intervalSeconds * 1000);
				});
		}, milliseconds);
	}

	private async look(): Promise<void> {
		const { cluster, executor, telemetry, mayAct, clock, secondsSinceOutage } = this.options;
		if (!mayAct()) return;
		this.outage.observe(cluster().nodes, clock(), clock() - secondsSinceOutage() * 1000);
		await runSteps("Progress", telemetry, async (timed) => {
			await timed("migrations", () => this.advanceAll());
			await timed("releases", () => executor.apply(this.due()));
			await timed("history", () => executor.apply(superfluous(cluster().migrations.values(), clock())));
		});
	}

	private due(): Command[] {
		const { cluster, clock, releaseGraceSeconds: graceSeconds } = this.options;
		return releases({ cluster: cluster(), graceSeconds, now: clock(), backoff: this.backoff, outage: this.outage });
	}

	private async advanceAll(): Promise<void> {
		const { cluster, metrics, ledger, executor, clock } = this.options;
		const unfinished = [...cluster().migrations.values()].filter((migration) => !isFinished(migration)).sort(byAge);
		reconcileReservations({ cluster: cluster(), ledger, stepSeconds: metrics.stepSeconds, now: clock() });
		const evaluations = await this.evaluatePending(unfinished);
		for (const migration of unfinished) {
			const now = clock();
			const evaluation = evaluations.get(migration.workload);
			const observation = { cluster: cluster(), metrics, evaluation, nodesSettle: !this.outage.believes(now) };
			const { status, commands } = advance(migration, observation, now);
			const applied = await executor.apply(commands);
			if (applied === 0) continue;
			this.options.learner.migrated(migration, status);
			this.count(migration, status);
		}
	}

	private async evaluatePending(migrations: readonly Migration[]): Promise<ReadonlyMap<WorkloadKey, Evaluation>> {
		const pending = migrations.filter(({ status }) => status.phase === undefined || status.phase === "Pending");
		if (pending.length === 0) return new Map();
		const evaluated = await this.options.evaluator.of(new Set(pending.map(({ workload }) => workload)));
		return new Map(evaluated.map(({ evaluation }) => [evaluation.workload, evaluation]));
	}

	private count(migration: Migration, status: MigrationStatus): void {
		if (!isFinished({ ...migration, status })) return;
		const { telemetry, decisionLog, clock } = this.options;
		decisionLog?.record([outcomeEntry({ ...migration, status }, clock())]);
		telemetry.migrations.inc({ result: status.phase ?? "", reason: status.reason ?? "" });
	}
}
