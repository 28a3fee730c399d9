import { expect, it } from "vitest";
import type { TrainOptions } from "../../../training/command/options.ts";
import { settingsOf } from "../../../training/command/settings.ts";

const OPTIONS: TrainOptions = {
	family: ["linear"],
	csv: "history.csv",
	column: [],
	prometheus: undefined,
	query: [],
	last: "24h",
	until: undefined,
	metric: "latency",
	unit: undefined,
	direction: "Minimize",
	scale: 1,
	clip: undefined,
	"node-cores": undefined,
	sort: false,
	step: "30s",
	horizon: "5m",
	name: undefined,
	seed: 0,
	quick: false,
	output: undefined,
	runs: undefined,
	fresh: false,
	mlflow: undefined,
	register: undefined,
	alias: undefined,
};

const FROM_PROMETHEUS = { csv: undefined, prometheus: "http://prometheus:9090" };

it("takes unit, largest value and query from the catalogue that ships", () => {
	const { target, preparation, source } = settingsOf({ ...OPTIONS, ...FROM_PROMETHEUS, last: "90m" });
	expect(target).toEqual({ metric: "latency", unit: "seconds", direction: "Minimize" });
	expect(preparation).toMatchObject({ stepSeconds: 30, horizonSteps: 10, largest: 3600 });
	expect(source).toMatchObject({ kind: "Prometheus", lastSeconds: 5400, until: undefined });
	expect(source).toHaveProperty("queries.objective", expect.stringContaining("http_request_duration_seconds_sum"));
});

it("trains all families, and names the model as it is registered", () => {
	const options: TrainOptions = {
		...OPTIONS,
		family: ["all"],
		register: "cameras",
		mlflow: "http://mlflow:5000",
		alias: "Production",
	};
	const { families, name, registration } = settingsOf(options);
	expect(families).toHaveLength(7);
	expect(name).toBe("cameras");
	expect(registration).toMatchObject({ name: "cameras", alias: "Production" });
});

it("cuts a query from its role at the first equals sign", () => {
	const { source } = settingsOf({ ...OPTIONS, ...FROM_PROMETHEUS, query: ['utilization=load{a="b"} == 1'] });
	expect(source).toHaveProperty("queries.utilization", 'load{a="b"} == 1');
});

it.each<[Partial<TrainOptions>, string]>([
	[{ csv: undefined }, "name where the history comes from"],
	[{ prometheus: "http://prometheus:9090" }, "one of them"],
	[{ ...FROM_PROMETHEUS, prometheus: "prometheus:9090" }, "is not an http or https address"],
	[{ ...FROM_PROMETHEUS, metric: "queue", unit: "items" }, "name its query with --query objective="],
	[{ ...FROM_PROMETHEUS, until: "yesterday" }, "--until yesterday is no time"],
	[{ ...FROM_PROMETHEUS, last: "a while" }, "--last a while is no duration"],
	[{ unit: "milliseconds" }, "--unit milliseconds: latency is measured in seconds"],
	[{ metric: "queue" }, "--metric queue is not in the catalogue that ships"],
	[{ horizon: "45s" }, "is not a number of whole steps"],
	[{ column: ["colour=red"] }, "the roles are time, workload, objective"],
	[{ column: ["objective"] }, "write it as ROLE=VALUE"],
	[{ "node-cores": 0 }, "--node-cores must be a number above zero"],
	[{ scale: Number.NaN }, "--scale must be a number above zero"],
	[{ seed: 0.5 }, "--seed must be a whole number"],
	[{ alias: "Production" }, "need --register NAME"],
	[{ register: "a b", mlflow: "http://mlflow:5000" }, "is no name of a model"],
	[{ register: "a", mlflow: "http://mlflow:5000", alias: "in service" }, "--alias in service is no alias"],
	[{ register: "a", mlflow: "http://mlflow:5000", alias: "v1" }, "mean versions in MLflow"],
	[{ register: "a", mlflow: "file:///tmp" }, "is not an http or https address"],
])("%j is refused in one line", (given, message) => {
	expect(() => settingsOf({ ...OPTIONS, ...given })).toThrow(message);
	expect(() => settingsOf({ ...OPTIONS, ...given })).not.toThrow("\n");
});
