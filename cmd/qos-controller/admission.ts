import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { KeyPair } from "../../certs/pair.ts";
import type { KubernetesCluster } from "../../src/adapters/kubernetes/cluster.ts";
import type { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import type { Configuration } from "../../src/config/config.ts";
import { PlacementEvents } from "../../src/controller/placement-events.ts";
import { Placer } from "../../src/core/admission/placer.ts";
import type { AdmissionView } from "../../src/core/admission/view.ts";
import type { Learned } from "../../src/core/calibration/learned.ts";
import type { WorkloadKey } from "../../src/core/cluster/workload.ts";
import type { Ledger } from "../../src/core/features/ledger.ts";
import type { MetricReader } from "../../src/core/metrics/metric.ts";
import type { Actuator } from "../../src/core/migration/command.ts";
import type { ModelRegistry } from "../../src/core/model/model.ts";
import type { Memory } from "../../src/core/recommendation/memory.ts";
import { createDecide, rest } from "../../src/webhook/decide.ts";
import type { HealthCheck } from "../../src/webhook/health.ts";
import type { Decide } from "../../src/webhook/mutate.ts";
import { startWebhook, type Webhook } from "../../src/webhook/server.ts";
import { createWebhookTelemetry } from "../../src/webhook/telemetry.ts";
import { createCertificates } from "./certificates.ts";
import { version } from "./version.ts";

export interface AdmissionOptions {
	readonly configuration: Configuration;
	readonly connection: KubernetesConnection;
	readonly cluster: KubernetesCluster;
	readonly metrics: MetricReader;
	readonly models: ModelRegistry;
	readonly ledger: Ledger;
	readonly learned: Learned;
	/** What this process's evaluations have left: with them admission decides as the timer does. */
	readonly memories: ReadonlyMap<WorkloadKey, Memory>;
	readonly actuator: Actuator;
	readonly registry: Registry;
	readonly logger: Logger;
	/** Called with every certificate that is served from now on. */
	readonly onCertificate: (leaf: KeyPair) => void;
}

export interface Admission {
	readonly readiness: Readonly<Record<string, HealthCheck>>;
	/** New measurements are there. */
	onCollected(): void;
	/** Resolves when the webhook listens. */
	start(): Promise<void>;
	stop(): Promise<void>;
}

/** Older caches than this decide nothing at admission. */
const MAX_CACHE_AGE_SECONDS = 30;

/** The webhook, decided by the core from caches, with certificates that the controller keeps itself. */
export function createAdmission(options: AdmissionOptions): Admission {
	const { configuration, cluster, metrics, models, ledger, learned, memories, logger } = options;
	const { calibration: calibrator, speeds } = learned;
	const placer = new Placer({ ownNamespace: configuration.namespace });
	const telemetry = createWebhookTelemetry(options.registry);
	const events = new PlacementEvents({ actuator: options.actuator, clock: Date.now });
	let generation = 0;
	let webhook: Webhook | undefined;
	let endWatch: (() => Promise<void>) | undefined;
	const { manager, watch } = createCertificates({
		...options,
		onCertificate: (leaf) => {
			webhook?.updateCertificate(leaf);
			options.onCertificate(leaf);
		},
	});

	function view(): AdmissionView {
		const cachesFresh = cluster.ready() && cluster.ageSeconds() < MAX_CACHE_AGE_SECONDS;
		const inputs = { cluster: cluster.state(), metrics, models, ledger, calibrator, speeds, memories };
		return { ...inputs, generation, cachesFresh, now: Date.now() };
	}

	/** Tells the Deployment where its pod goes, after the decision and beside the answer. */
	function announced(decide: Decide): Decide {
		return async (pod, request) => {
			const decision = await decide(pod, request);
			if (decision.kind === "Place" && pod.workload !== undefined && !request.dryRun) {
				const { topologyKey, domain, record } = decision;
				events.announce(pod.workload, `a new pod goes to ${topologyKey}=${domain}, predicted ${record.predicted}`);
			}
			return decision;
		};
	}

	function warm(): void {
		if (!cluster.ready()) return;
		placer.warm(view(), rest).catch((error: unknown) => {
			logger.error({ err: error }, "rankings cannot be prepared");
		});
	}

	if (!configuration.webhook.enabled) {
		return {
			readiness: {},
			onCollected: () => undefined,
			start: async () => undefined,
			stop: async () => undefined,
		};
	}
	return {
		readiness: {
			certificate: () => manager.problem(),
			webhook: () => (webhook?.accepting ? undefined : "the webhook is not listening"),
			metrics: () => (generation > 0 ? undefined : "nothing was collected yet"),
		},
		onCollected() {
			generation++;
			warm();
		},
		async start() {
			cluster.onChange("QoSPolicy", warm);
			const { host, port, deadline, drain } = configuration.webhook;
			const started = manager.start();
			endWatch = watch();
			webhook = await startWebhook({
				host,
				port,
				certificate: await started,
				version: version(),
				decide: announced(createDecide({ placer, view })),
				deadlineSeconds: deadline,
				drainSeconds: drain,
				logger,
				telemetry,
			});
		},
		async stop() {
			await webhook?.stop();
			await endWatch?.();
			await manager.stop();
		},
	};
}
