import { join } from "node:path";
import type { z } from "zod";
import { cacheHome, type MlflowEnvironment } from "./environment.ts";
import { type mlflow, trackingUri } from "./mlflow.ts";
import { ConfigurationError } from "./read.ts";

/** How to reach MLflow, from the file and the environment. */
export interface MlflowSettings {
	readonly trackingUri: string;
	/** Seconds. */
	readonly timeout: number;
	readonly username: string | undefined;
	readonly password: string | undefined;
	readonly passwordFile: string | undefined;
	readonly token: string | undefined;
	readonly tokenFile: string | undefined;
	readonly caFile: string | undefined;
	readonly clientCertificateFile: string | undefined;
	readonly insecureTls: boolean;
}

/**
 * The file's words win over the environment's. `undefined` when neither names a server.
 * @throws ConfigurationError
 */
export function mlflowSettings(
	section: z.output<typeof mlflow>,
	environment: MlflowEnvironment,
): MlflowSettings | undefined {
	const uri = section.trackingUri ?? environment.trackingUri;
	if (uri === undefined) return undefined;
	if (!trackingUri.safeParse(uri).success) {
		throw new ConfigurationError(
			"MLFLOW_TRACKING_URI is not an http or https address; name the MLflow server by one, as in http://mlflow:5000",
		);
	}
	const caFile = section.caFile ?? environment.serverCertPath;
	const insecureTls = section.insecureTls ?? isTrue(environment.insecureTls);
	if (insecureTls && caFile !== undefined) {
		throw new ConfigurationError(
			"mlflow.insecureTls (MLFLOW_TRACKING_INSECURE_TLS) trusts any certificate and mlflow.caFile (MLFLOW_TRACKING_SERVER_CERT_PATH) only some; set one of them",
		);
	}
	return {
		trackingUri: uri,
		timeout: section.timeout,
		username: section.username ?? environment.username,
		password: environment.password,
		passwordFile: section.passwordFile,
		token: environment.token,
		tokenFile: section.tokenFile,
		caFile,
		clientCertificateFile: section.clientCertificateFile ?? environment.clientCertPath,
		insecureTls,
	};
}

function isTrue(text: string | undefined): boolean {
	return text !== undefined && ["true", "1"].includes(text.toLowerCase());
}

/** Where models of MLflow are kept across restarts. */
export function modelCacheDirectory({ registry }: z.output<typeof mlflow>): string {
	return registry.cacheDirectory ?? join(cacheHome(), "models");
}
