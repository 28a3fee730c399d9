import { z } from "zod";
import { durationSeconds } from "./duration.ts";
import { tracking } from "./tracking.ts";

/** Where a tracking server can be: MLflow also knows files and databases, which have no REST API. */
export const trackingUri = z.url({ protocol: /^https?$/ });

const registry = z
	.strictObject({
		pollInterval: durationSeconds(1)
			.prefault("30s")
			.describe("How often aliases are looked up; a moved one is in service that much later at most."),
		cacheDirectory: z
			.string()
			.min(1)
			.optional()
			.describe(
				"Folder that models are kept in across restarts; default: kubectl-qos/models in the user's cache folder.",
			),
		cacheMebibytes: z
			.int()
			.min(1)
			.default(1024)
			.describe("Size from which on models not used for longest are removed."),
	})
	.describe("Models for `model.mlflow` of a policy.");

/** The section `mlflow` of the configuration file. What it leaves out is taken from MLflow's own variables. */
export const mlflow = z
	.strictObject({
		trackingUri: trackingUri
			.optional()
			.describe("Address of the MLflow server; default: MLFLOW_TRACKING_URI. With neither, MLflow is not used."),
		timeout: durationSeconds().prefault("10s").describe("How long one call may take, and a download stand still."),
		username: z
			.string()
			.optional()
			.describe("User name for basic authentication, which wins over a token; default: MLFLOW_TRACKING_USERNAME."),
		passwordFile: z
			.string()
			.optional()
			.describe("File with the password, read anew for every call; default: MLFLOW_TRACKING_PASSWORD."),
		tokenFile: z
			.string()
			.optional()
			.describe("File with a bearer token, read anew for every call; default: MLFLOW_TRACKING_TOKEN."),
		caFile: z
			.string()
			.optional()
			.describe(
				"PEM file with the certificate authorities to trust; default: the file that MLFLOW_TRACKING_SERVER_CERT_PATH names.",
			),
		clientCertificateFile: z
			.string()
			.optional()
			.describe(
				"PEM file with a client certificate and its key; default: the file that MLFLOW_TRACKING_CLIENT_CERT_PATH names.",
			),
		insecureTls: z
			.boolean()
			.optional()
			.describe("Trust any certificate of the server; default: MLFLOW_TRACKING_INSECURE_TLS, else false."),
		registry: registry.prefault({}),
		tracking: tracking.prefault({}),
	})
	.describe("The MLflow tracking server.");
