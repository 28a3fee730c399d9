import { expect, test } from "vitest";
import { mlflowEnvironment } from "../../../src/config/environment.ts";
import { mlflowSettings } from "../../../src/config/mlflow-settings.ts";
import { parseConfiguration } from "../../../src/config/read.ts";

function settings(section: string, environment: NodeJS.ProcessEnv) {
	const text = `prometheus: {url: "http://prometheus:9090"}\n${section}`;
	return mlflowSettings(parseConfiguration(text, "config.yaml").mlflow, mlflowEnvironment(environment));
}

test("without an address there is no MLflow", () => {
	expect(settings("", {})).toBeUndefined();
	expect(settings("", { MLFLOW_TRACKING_URI: "", MLFLOW_TRACKING_TOKEN: "t" })).toBeUndefined();
});

test("MLflow's variables say all there is to say", () => {
	const environment = {
		MLFLOW_TRACKING_URI: "https://mlflow.example/prefix",
		MLFLOW_TRACKING_USERNAME: "reader",
		MLFLOW_TRACKING_PASSWORD: "secret",
		MLFLOW_TRACKING_TOKEN: "token",
		MLFLOW_TRACKING_INSECURE_TLS: "true",
		MLFLOW_TRACKING_CLIENT_CERT_PATH: "/client.pem",
	};
	expect(settings("", environment)).toEqual({
		trackingUri: "https://mlflow.example/prefix",
		timeout: 10,
		username: "reader",
		password: "secret",
		token: "token",
		clientCertificateFile: "/client.pem",
		insecureTls: true,
	});
});

test("the file's words win", () => {
	const environment = {
		MLFLOW_TRACKING_URI: "http://other:5000",
		MLFLOW_TRACKING_USERNAME: "other",
		MLFLOW_TRACKING_SERVER_CERT_PATH: "/other.pem",
	};
	const section = "mlflow: {trackingUri: 'https://mlflow:5000', username: reader, caFile: /ca.pem, timeout: 2s}";
	expect(settings(section, environment)).toMatchObject({
		trackingUri: "https://mlflow:5000",
		username: "reader",
		caFile: "/ca.pem",
		timeout: 2,
		insecureTls: false,
	});
});

test.each(["file:///mlruns", "sqlite:///mlflow.db", "databricks", "mlflow:5000"])("%s is no address", (uri) => {
	expect(() => settings("", { MLFLOW_TRACKING_URI: uri })).toThrow(
		"MLFLOW_TRACKING_URI is not an http or https address; name the MLflow server by one, as in http://mlflow:5000",
	);
	expect(() => settings(`mlflow: {trackingUri: "${uri}"}`, {})).toThrow(/^config.yaml:2: mlflow.trackingUri: /);
});

test("trusting any certificate and only some contradict each other", () => {
	const environment = { MLFLOW_TRACKING_URI: "https://mlflow", MLFLOW_TRACKING_INSECURE_TLS: "true" };
	expect(() => settings("mlflow: {caFile: /ca.pem}", environment)).toThrow(/set one of them$/);
});
