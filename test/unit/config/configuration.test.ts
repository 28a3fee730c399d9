import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigurationError, parseConfiguration, readConfiguration } from "../../../src/config/read.ts";
import { configurationReference } from "../../../src/config/reference.ts";

const minimal = "prometheus:\n  url: http://127.0.0.1:9090\n";

function errorOf(text: string): string {
	try {
		parseConfiguration(text, "qos.yaml");
	} catch (error) {
		if (error instanceof ConfigurationError) return error.message;
	}
	throw new Error("was accepted");
}

test("Prometheus' address is all that is needed", () => {
	const configuration = parseConfiguration(minimal, "qos.yaml");
	expect(configuration.metrics.step).toBe(30);
	expect(configuration.rebalancing.caps.perCycle).toBe(10);
	expect(configuration.metrics.catalogue.map(({ name }) => name)).toContain("latency");
});

describe("bad input is one line with file, line, field and mending", () => {
	test("unknown field", () => {
		expect(errorOf(`${minimal}metrics:\n  stepp: 30s\n`)).toMatch(/^qos\.yaml:4: metrics: unknown field "stepp"; /);
	});
	test("duration", () => {
		expect(errorOf(`${minimal}metrics:\n  step: soon\n`)).toBe(
			'qos.yaml:4: metrics.step: "soon" is not a duration; write it like 30s, 5m or 1h30m',
		);
	});
	test.each([
		["metrics:\n  step: 0s", 'metrics.step: "0s" is too short; at least 1s'],
		["rebalancing:\n  progressInterval: 0s", 'rebalancing.progressInterval: "0s" is too short; at least 0.001s'],
		[
			"leaderElection:\n  leaseDuration: 5s",
			"leaderElection.renewDeadline: must be shorter than leaseDuration, or two replicas lead at once",
		],
		[
			"leaderElection:\n  retryPeriod: 9s",
			"leaderElection.retryPeriod: must be clearly shorter than renewDeadline, or the leader steps down between two tries",
		],
	])("a time that cannot work: %j", (text, expected) => {
		expect(errorOf(`${minimal}${text}\n`)).toMatch(/^qos\.yaml:\d+: /);
		expect(errorOf(`${minimal}${text}\n`)).toContain(expected);
	});
	test.each(["webhook:\n  drain: 0s", "rebalancing:\n  releaseGrace: 0s"])("%j means at once", (text) => {
		expect(() => parseConfiguration(`${minimal}${text}\n`, "qos.yaml")).not.toThrow();
	});
	test("YAML", () => {
		expect(errorOf("prometheus: [\n")).toMatch(/^qos\.yaml:2:1: not valid YAML: /);
	});
	test("missing address", () => {
		expect(errorOf("logLevel: debug\n")).toMatch(/^qos\.yaml: prometheus: is missing; /);
	});
	test("misspelt section", () => {
		expect(errorOf("promethus:\n  url: http://127.0.0.1:9090\n")).toMatch(
			/^qos\.yaml:2: \(root\): unknown field "promethus"; /,
		);
	});
	test("missing file", () => {
		expect(() => readConfiguration("/nonexistent/qos.yaml")).toThrow(
			"/nonexistent/qos.yaml: cannot be read (ENOENT); pass the configuration file with --config FILE",
		);
	});
	test.each(["\n", "prometheus: 3", "prometheus:\n  url: ftp://x", `${minimal}health:\n  port: 70000`])(
		"%j is a single line",
		(text) => expect(errorOf(text)).not.toContain("\n"),
	);
});

test("docs/reference/configuration.md is what `npm run docs:build` writes", () => {
	const page = join(import.meta.dirname, "../../../docs/reference/configuration.md");
	expect(readFileSync(page, "utf8")).toBe(configurationReference());
});
