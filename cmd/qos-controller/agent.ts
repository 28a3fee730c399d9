import type { Logger } from "pino";
import { CallerObjects } from "../../src/adapters/kubernetes/caller-objects.ts";
import type { KubernetesCluster } from "../../src/adapters/kubernetes/cluster.ts";
import type { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import { KubernetesReviews } from "../../src/adapters/kubernetes/reviews.ts";
import { analysisOperations } from "../../src/agent/operations/analysis.ts";
import { descriptionOperations } from "../../src/agent/operations/description.ts";
import { eventOperations } from "../../src/agent/operations/events.ts";
import type { Governed, Schedules } from "../../src/agent/ports.ts";
import { type AgentServer, startAgentServer } from "../../src/agent/server.ts";
import type { Configuration } from "../../src/config/config.ts";
import { ConfigurationError } from "../../src/config/read.ts";
import { instantOf, nextStart, scheduleError } from "../../src/controller/schedule.ts";
import { governing } from "../../src/core/policy/governing.ts";
import type { ServingCertificate } from "../../src/http/serving.ts";
import type { HealthCheck } from "../../src/webhook/health.ts";
import { describeAgent } from "./agent-description.ts";
import { followCertificate } from "./certificate-files.ts";
import { version } from "./version.ts";

export interface AgentOptions {
	readonly configuration: Configuration;
	readonly connection: KubernetesConnection;
	readonly cluster: KubernetesCluster;
	readonly logger: Logger;
}

export interface Agent {
	readonly readiness: Readonly<Record<string, HealthCheck>>;
	/** The controller's own certificate, the first one before `start`. */
	onCertificate(leaf: ServingCertificate): void;
	/** Resolves when the API is served. @throws ConfigurationError when a certificate of one's own cannot be used */
	start(): Promise<void>;
	stop(): Promise<void>;
}

/** How often a certificate of one's own is looked at. */
const RELOAD_MS = 30_000;

const SCHEDULES: Schedules = {
	nextRun: (job) => (scheduleError(job) === undefined ? nextStart(job, Date.now()) : undefined),
	problem: (schedule) => scheduleError({ schedule }),
	instant: instantOf,
};

/** The agent's HTTP API: every replica serves it, since what it shows and changes is in the cluster. */
export function createAgent(options: AgentOptions): Agent {
	const { configuration, logger } = options;
	const { enabled, plainHttp, certificateFile, keyFile } = configuration.agent;
	let server: AgentServer | undefined;
	let served: ServingCertificate | undefined;
	let unfollow: () => void = () => undefined;

	function serve(pair: ServingCertificate): void {
		served = pair;
		server?.updateCertificate(pair);
	}

	async function loadForever(certificate: string, key: string): Promise<void> {
		const onFailure = (reason: string) =>
			logger.warn({ certificate, reason }, "the agent's certificate cannot be read anew; the old one is served on");
		const files = { certificateFile: certificate, keyFile: key, everyMs: RELOAD_MS };
		try {
			unfollow = await followCertificate({ ...files, onPair: serve, onFailure });
		} catch (error) {
			throw new ConfigurationError(
				`agent.certificateFile ${certificate}, agent.keyFile ${key}: cannot be used: ${messageOf(error)}`,
			);
		}
	}

	if (!enabled) {
		return { readiness: {}, onCertificate: () => undefined, start: async () => undefined, stop: async () => undefined };
	}
	return {
		readiness: { agent: () => (server ? undefined : "the agent's API is not served yet") },
		onCertificate(leaf) {
			if (!plainHttp && certificateFile === undefined) serve(leaf);
		},
		async start() {
			if (certificateFile !== undefined && keyFile !== undefined) await loadForever(certificateFile, keyFile);
			// Without one it would be served in the clear.
			if (!plainHttp && served === undefined) throw new Error("the agent's API has no certificate");
			server = await startAgentServer(serverOptions(options, served));
		},
		async stop() {
			unfollow();
			await server?.stop();
		},
	};
}

function serverOptions(
	{ configuration, connection, cluster, logger }: AgentOptions,
	certificate: ServingCertificate | undefined,
) {
	const { agent, namespace } = configuration;
	const governed = () => (cluster.ready() ? governedBy(cluster) : undefined);
	return {
		host: agent.host,
		port: agent.port,
		certificate,
		operations: [
			...eventOperations({ ownNamespace: namespace, schedules: SCHEDULES, configured: agent.sensors }),
			...analysisOperations({ governed }),
			...descriptionOperations(describeAgent(configuration, () => governed() ?? [])),
		],
		reviews: new KubernetesReviews(connection),
		objectsAs(token: string) {
			const asCaller = connection.as(token);
			return { objects: new CallerObjects(asCaller), done: () => asCaller.close() };
		},
		version: version(),
		clock: Date.now,
		logger,
	};
}

function governedBy(cluster: KubernetesCluster): Governed[] {
	const { workloads, policies } = cluster.state();
	return [...workloads.values()].flatMap((workload) => {
		const governance = governing(workload, policies.values());
		return governance ? [{ workload: workload.key, policy: governance.policy }] : [];
	});
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
