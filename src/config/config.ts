import { z } from "zod";
import { DEFAULT_CAPS } from "../core/migration/caps.ts";
import { agent } from "./agent.ts";
import { metricCatalogue } from "./catalogue.ts";
import { durationSeconds } from "./duration.ts";
import { mlflow } from "./mlflow.ts";

/**
 * The controller's configuration file: schema, defaults and documentation in one place.
 * `npm run docs:build` writes it as docs/reference/configuration.md.
 */

const seconds = (defaultValue: string, description: string, least?: number) =>
	durationSeconds(least).prefault(defaultValue).describe(description);
const port = (defaultValue: number, description: string) =>
	z.int().min(0).max(65535).default(defaultValue).describe(description);

const prometheus = z
	.strictObject({
		url: z.url({ protocol: /^https?$/ }).describe("Address of the Prometheus HTTP API."),
		timeout: seconds("5s", "How long one query may take."),
		bearerTokenFile: z.string().optional().describe("File with a bearer token; read anew for every query."),
		username: z.string().optional().describe("User name for basic authentication."),
		passwordFile: z.string().optional().describe("File with the password for basic authentication."),
		caFile: z.string().optional().describe("PEM file with the certificate authorities to trust."),
	})
	.describe("Where measurements come from.");

const metrics = z
	.strictObject({
		step: seconds("30s", "Width of one step of the ring buffers, and how often every replica collects.", 1),
		window: z
			.int()
			.min(2)
			.max(120)
			.default(10)
			.describe(
				"Steps that models see at most; of workloads four times as many are kept, for features of their history.",
			),
		catalogue: metricCatalogue,
	})
	.describe("The metric catalogue and how it is sampled.");

const webhook = z
	.strictObject({
		enabled: z.boolean().default(true).describe("Serve the mutating webhook."),
		host: z.string().default("0.0.0.0").describe("Address to listen on."),
		port: port(8443, "TLS port; 0 picks a free one."),
		url: z
			.url({ protocol: /^https$/ })
			.optional()
			.describe("Reach the webhook by this URL instead of its Service: for a controller outside the cluster."),
		configurationName: z
			.string()
			.default("kubectl-qos")
			.describe("MutatingWebhookConfiguration whose caBundle (and url) is kept right."),
		serviceName: z.string().default("kubectl-qos-webhook").describe("Service that the certificate is issued for."),
		deadline: seconds("1s", "A pod is admitted unchanged when the decision takes longer."),
		drain: seconds("10s", "How long a stopping replica keeps answering after it has become unready.", 0),
	})
	.describe("The mutating webhook.");

const certificates = z
	.strictObject({
		secretName: z.string().default("kubectl-qos-webhook-certificate").describe("Secret that holds CA and leaf."),
		caValidity: seconds("87600h", "Lifetime of the certificate authority."),
		leafValidity: seconds("2160h", "Lifetime of the serving certificate."),
		renewBefore: seconds("720h", "Renew when less than this is left."),
		overlap: seconds("2m", "How long old and new CA are both trusted before the leaf changes.", 0),
		checkInterval: seconds("30s", "How often certificate and caBundle are checked."),
	})
	.describe("Certificates of the webhook, issued by the controller itself.");

/** Candidates wait up to so much longer than the retry period. */
const RETRY_JITTER = 1.2;

const leaderElection = z
	.strictObject({
		enabled: z.boolean().default(true).describe("Elect one replica to run the timer; off: this replica runs it."),
		leaseName: z.string().default("kubectl-qos").describe("Name of the Lease."),
		leaseDuration: seconds("15s", "A Lease not renewed for so long may be taken."),
		renewDeadline: seconds("10s", "A leader that could not renew for so long steps down."),
		retryPeriod: seconds("2s", "How often candidates try."),
	})
	.refine(({ renewDeadline, leaseDuration }) => renewDeadline < leaseDuration, {
		path: ["renewDeadline"],
		message: "must be shorter than leaseDuration, or two replicas lead at once",
	})
	.refine(({ retryPeriod, renewDeadline }) => retryPeriod * RETRY_JITTER < renewDeadline, {
		path: ["retryPeriod"],
		message: "must be clearly shorter than renewDeadline, or the leader steps down between two tries",
	})
	.describe("Leader election; the webhook runs on every replica, the timer on the leader.");

const caps = z
	.strictObject({
		perCycle: z.int().min(0).default(DEFAULT_CAPS.perCycle).describe("Moves per Rebalance run."),
		perNamespace: z.int().min(0).default(DEFAULT_CAPS.perNamespace).describe("Moves per namespace and run."),
		perSource: z.int().min(0).default(DEFAULT_CAPS.perSource).describe("Moves away from one node per run."),
		perDestination: z.int().min(0).default(DEFAULT_CAPS.perDestination).describe("Moves onto one node per run."),
	})
	.describe("How much one Rebalance run may do.");

const rebalancing = z
	.strictObject({
		caps: caps.prefault({}),
		progressInterval: seconds("2s", "How often running migrations and pins are looked at."),
		nodeSettle: seconds(
			"60s",
			"How long nodes have to report after the API server was away, or after none was ready, before one that is not ready counts as lost.",
			0,
		),
		releaseGrace: seconds("10s", "How long a pod that we pinned may be unschedulable before it is placed anew.", 0),
	})
	.describe("Moves of running workloads.");

const decisionLog = z
	.strictObject({
		path: z
			.string()
			.min(1)
			.optional()
			.describe("File that every evaluation is written to, as JSON Lines; older files are PATH.1, PATH.2, ..."),
		maxMebibytes: z.int().min(1).default(64).describe("Size from which on a new file is begun."),
		keptFiles: z.int().min(0).max(1000).default(4).describe("Older files that are kept."),
		candidates: z.int().min(1).max(500).default(20).describe("Best candidate nodes per evaluation."),
	})
	.describe(
		"What was decided and why, for `kubectl qos backtest`. An evaluation weighs about 1.2 KB, and 170 bytes more per candidate.",
	);

const sections = z.strictObject({
	namespace: z
		.string()
		.default("kubectl-qos-system")
		.describe("The controller's own namespace: its Lease, Secret and cluster-wide QoSJobs live there."),
	prometheus,
	metrics: metrics.prefault({}),
	models: z
		.strictObject({
			directory: z.string().optional().describe("Folder with models for `model.file: NAME` (NAME.onnx)."),
		})
		.prefault({})
		.describe("Models beside the built-in ones."),
	mlflow: mlflow.prefault({}),
	webhook: webhook.prefault({}),
	agent: agent.prefault({}),
	certificates: certificates.prefault({}),
	leaderElection: leaderElection.prefault({}),
	rebalancing: rebalancing.prefault({}),
	learning: z
		.strictObject({
			configMapName: z.string().default("kubectl-qos-learned").describe("ConfigMap that what is learned is kept in."),
		})
		.prefault({})
		.describe("Calibration of predictions and speeds of nodes, learned from what was measured."),
	decisionLog: decisionLog.prefault({}),
	health: z
		.strictObject({
			host: z.string().default("0.0.0.0").describe("Address to listen on."),
			port: port(8080, "Plain HTTP port for /livez, /readyz and /metrics; 0 picks a free one."),
		})
		.prefault({})
		.describe("Probes and metrics."),
	kubernetes: z
		.strictObject({
			timeout: seconds("10s", "How long one request to the API server may take."),
			queriesPerSecond: z.number().positive().default(50).describe("Writes per second at most."),
		})
		.prefault({})
		.describe("The API server."),
	logLevel: z.enum(["trace", "debug", "info", "warn", "error"]).default("info").describe("Least level that is logged."),
});

export const configurationSchema = sections.refine(
	({ agent: { enabled, plainHttp, certificateFile }, webhook: { enabled: hasCertificates } }) =>
		!enabled || plainHttp || certificateFile !== undefined || hasCertificates,
	{
		path: ["agent"],
		message: "has no certificate when webhook.enabled is false; set agent.certificateFile and agent.keyFile",
	},
);

export type Configuration = z.output<typeof configurationSchema>;
