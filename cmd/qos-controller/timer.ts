import type { Logger } from "pino";
import { FileDecisionLog } from "../../src/adapters/decision-log/file-log.ts";
import type { KubernetesCluster } from "../../src/adapters/kubernetes/cluster.ts";
import type { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import { KubernetesJobStore } from "../../src/adapters/kubernetes/job-store.ts";
import { LeaderElector } from "../../src/adapters/kubernetes/leader-elector.ts";
import { KubernetesLearnedStore } from "../../src/adapters/kubernetes/learned-store.ts";
import { PolicyStatusWriter } from "../../src/adapters/kubernetes/policy-status-writer.ts";
import { ReportWriter } from "../../src/adapters/kubernetes/report-writer.ts";
import type { Configuration } from "../../src/config/config.ts";
import { processIdentity } from "../../src/config/environment.ts";
import { predictAction, rebalanceAction } from "../../src/controller/actions.ts";
import { Executor } from "../../src/controller/apply.ts";
import { Evaluator } from "../../src/controller/evaluation.ts";
import { JobRunner } from "../../src/controller/jobs.ts";
import { Learner } from "../../src/controller/learning.ts";
import { Progress } from "../../src/controller/progress.ts";
import type { Telemetry } from "../../src/controller/telemetry.ts";
import type { Learned } from "../../src/core/calibration/learned.ts";
import type { WorkloadKey } from "../../src/core/cluster/workload.ts";
import type { Ledger } from "../../src/core/features/ledger.ts";
import type { MetricReader } from "../../src/core/metrics/metric.ts";
import type { Actuator } from "../../src/core/migration/command.ts";
import type { Memory } from "../../src/core/recommendation/memory.ts";
import type { PredictionSink } from "../../src/core/tracking/run.ts";
import type { Models } from "./models.ts";
import { version } from "./version.ts";

export interface TimerOptions {
	readonly configuration: Configuration;
	readonly connection: KubernetesConnection;
	readonly cluster: KubernetesCluster;
	readonly metrics: MetricReader;
	readonly models: Models;
	readonly ledger: Ledger;
	readonly learned: Learned;
	readonly memories: Map<WorkloadKey, Memory>;
	readonly actuator: Actuator;
	/** Absent: predictions are not kept for others. */
	readonly predictionSink: PredictionSink | undefined;
	readonly telemetry: Telemetry;
	readonly logger: Logger;
	readonly collect: () => Promise<void>;
	/** What keeps metrics from being collected, in one line. */
	readonly collectionProblem: () => string | undefined;
}

export interface Timer {
	start(): void;
	stop(): Promise<void>;
	/** New measurements are there. */
	onCollected(): void;
}

/** What only the leader does: jobs, migrations, pins, learning. */
export function createTimer(options: TimerOptions): Timer {
	const { configuration, connection, cluster, metrics, models, ledger, learned, memories } = options;
	const { actuator, telemetry, logger, collect } = options;
	const clock = Date.now;
	const state = () => cluster.state();
	const log = logger;
	const elector = createElector(options);
	// Caches that are not complete or not current are no ground for acting.
	const mayAct = () => (elector?.isLeader() ?? true) && cluster.ready() && cluster.ageSeconds() < MAX_CACHE_AGE_SECONDS;
	const decisionLog = createDecisionLog(options);
	const executor = new Executor({ actuator, isLeader: mayAct, telemetry, logger });
	const learner = new Learner({
		learned,
		store: new KubernetesLearnedStore({
			connection,
			namespace: configuration.namespace,
			name: configuration.learning.configMapName,
			log,
		}),
		cluster: state,
		metrics,
		models,
		mayAct,
		telemetry: telemetry.predictions,
		clock,
		logger,
	});
	const evaluator = new Evaluator({
		cluster: state,
		metrics,
		models,
		ledger,
		learned,
		learner,
		memories,
		reports: new ReportWriter({ connection, cluster, clock, log }),
		policyStatus: new PolicyStatusWriter({ connection, clock, log }),
		decisionLog,
		collect,
		ownNamespace: configuration.namespace,
		clock,
	});
	const { caps, progressInterval, releaseGrace, nodeSettle } = configuration.rebalancing;
	const shared = {
		collectionProblem: options.collectionProblem,
		cluster: state,
		metrics,
		models,
		ledger,
		learned,
		executor,
		evaluator,
		decisionLog,
		predictionSink: options.predictionSink,
		telemetry,
		logger,
		clock,
	};
	const jobs = new JobRunner({
		store: new KubernetesJobStore({ connection, cluster, log }),
		actions: { Predict: predictAction(shared), Rebalance: rebalanceAction({ ...shared, caps }) },
		ownNamespace: configuration.namespace,
		isLeader: mayAct,
		clock,
		logger,
	});
	const progress = new Progress({
		...shared,
		learner,
		mayAct,
		intervalSeconds: progressInterval,
		releaseGraceSeconds: releaseGrace,
		nodeSettleSeconds: nodeSettle,
		secondsSinceOutage: () => connection.reachability.secondsSinceOutage(),
		onChange: (listener) => {
			cluster.onChange("QoSMigration", listener);
			cluster.onChange("Node", listener);
		},
	});
	return {
		start() {
			elector?.start();
			telemetry.leader.set(elector ? 0 : 1);
			elector?.onChange((isLeader) => telemetry.leader.set(isLeader ? 1 : 0));
			learner.start();
			jobs.start();
			progress.start();
		},
		onCollected: () => learner.collected(),
		async stop() {
			await jobs.stop();
			await progress.stop();
			await learner.stop();
			await elector?.stop();
			await decisionLog?.close();
		},
	};
}

/** A watch that broke is seen within a second or two; this long means that the API server is out of reach. */
const MAX_CACHE_AGE_SECONDS = 60;

function createDecisionLog({ configuration, logger }: TimerOptions): FileDecisionLog | undefined {
	const { path, maxMebibytes, keptFiles, candidates } = configuration.decisionLog;
	if (path === undefined) return undefined;
	const onFailure = (message: string) => logger.error({ path, reason: message }, "decisions cannot be logged");
	return new FileDecisionLog({ path, maxBytes: maxMebibytes * 2 ** 20, keptFiles, candidates, onFailure });
}

function createElector({ configuration, connection, logger }: TimerOptions): LeaderElector | undefined {
	const { enabled, leaseName, leaseDuration, renewDeadline, retryPeriod } = configuration.leaderElection;
	if (!enabled) return undefined;
	return new LeaderElector({
		connection,
		namespace: configuration.namespace,
		name: leaseName,
		identity: processIdentity(),
		version: version(),
		leaseDurationSeconds: leaseDuration,
		renewDeadlineSeconds: renewDeadline,
		retryPeriodSeconds: retryPeriod,
		log: logger,
	});
}
