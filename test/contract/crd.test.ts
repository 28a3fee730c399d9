import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import type { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import { API_VERSION, type Kind, RESOURCES, resourcePath } from "../../src/api/v1alpha1/group.ts";
import { parseJob } from "../../src/api/v1alpha1/job.ts";
import { parsePolicy } from "../../src/api/v1alpha1/policy.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { asAdmin, migrationsServed, startInstalled } from "./kubernetes-support.ts";

let cluster: Cluster;
let admin: KubernetesConnection;

beforeAll(async () => {
	cluster = await startInstalled();
	await migrationsServed(cluster);
	admin = asAdmin(cluster);
});

afterAll(async () => {
	admin?.close();
	await cluster?.stop();
});

function create(
	kind: Kind,
	spec: object | undefined,
	query: { dryRun?: string } = { dryRun: "All" },
): Promise<unknown> {
	return admin.request({
		method: "POST",
		path: resourcePath(kind, "default"),
		query,
		body: { apiVersion: API_VERSION, kind, metadata: { name: "test" }, spec },
	});
}

async function refusal(kind: Kind, spec: object | undefined): Promise<string> {
	return create(kind, spec).then(
		() => "accepted",
		(error: unknown) => String(error),
	);
}

const objective = { metric: "latency", direction: "Minimize" };

function policy(extra: object = {}) {
	return { workloadSelector: {}, objective, ...extra };
}

const metadata = { namespace: "default", name: "test", creationTimestamp: "2026-01-01T00:00:00Z" };

describe("QoSPolicy", () => {
	it("gets the defaults that the controller would fill in", async () => {
		const stored = z.object({ spec: z.unknown() }).parse(await create("QoSPolicy", policy()));
		expect(parsePolicy({ metadata, spec: stored.spec })).toEqual(parsePolicy({ metadata, spec: policy() }));
		expect(stored.spec).toMatchObject({
			mode: "Off",
			suspend: false,
			model: { builtin: "headroom" },
			objective: { horizon: "5m", aggregate: "Mean" },
			placement: { topologyKey: "kubernetes.io/hostname", candidates: {}, enforcement: "Required" },
			rebalance: {
				trigger: "Proactive",
				minGain: "10%",
				confidence: "90%",
				stabilization: 3,
				cooldown: "15m",
				verifyAfter: "5m",
				onWorse: "Revert",
			},
		});
	});

	it.each<[object]>([
		[{ objective: { ...objective, target: "200m" } }],
		[{ objective: { ...objective, target: 25, horizon: "1h30m", aggregate: "Max" } }],
		[{ model: { file: "fast_v2" } }],
		[{ model: { mlflow: { name: "latency model", alias: "champion" } } }],
		[{ model: { mlflow: { name: "m", version: "3" } } }],
		[{ model: { predictions: { layout: "reactive" } } }],
		[{ model: { predictions: { layout: "cloudedge", experiment: "e", run: "r", window: "5m", nodes: ["a", "b"] } } }],
		[{ placement: { topologyKey: "topology.kubernetes.io/zone", candidates: { matchLabels: { tier: "edge" } } } }],
		[{ rebalance: { minGain: "2.5%", confidence: "99.9%", cooldown: "0s" } }],
	])("accepts %j as the controller does", async (extra) => {
		expect(await refusal("QoSPolicy", policy(extra))).toBe("accepted");
		expect(parsePolicy({ metadata, spec: policy(extra) }).ok).toBe(true);
	});

	it.each<[object, string]>([
		[{ workloadSelector: undefined }, "spec.workloadSelector: Required value"],
		[{ objective: { metric: "latency" } }, "spec.objective.direction: Required value"],
		[{ objective: { ...objective, direction: "Up" } }, 'spec.objective.direction: Unsupported value: "Up"'],
		[{ objective: { ...objective, metric: "a b" } }, "metric is a name of the metric catalogue"],
		[{ objective: { ...objective, target: "0" } }, "target is a Quantity above zero in the metric's unit"],
		[{ objective: { ...objective, target: -1 } }, "target is a Quantity above zero in the metric's unit"],
		[{ objective: { ...objective, target: "1e400" } }, "target is a Quantity above zero in the metric's unit"],
		[{ objective: { ...objective, target: "1e-400" } }, "target is a Quantity above zero in the metric's unit"],
		[{ objective: { ...objective, target: "fast" } }, "target is a Quantity above zero in the metric's unit"],
		[{ objective: { ...objective, horizon: "0s" } }, "must be a duration above zero such as 30s, 5m or 1h30m"],
		[{ objective: { ...objective, horizon: "5" } }, "must be a duration above zero such as 30s, 5m or 1h30m"],
		[{ mode: "On" }, 'spec.mode: Unsupported value: "On"'],
		[{ model: { builtin: "a", file: "b" } }, "set exactly one of builtin, file, mlflow and predictions"],
		[{ model: {} }, "set exactly one of builtin, file, mlflow and predictions"],
		[{ model: { file: "../etc/passwd" } }, "and no path"],
		[{ model: { file: "m", predictions: { layout: "native" } } }, "set exactly one of builtin, file, mlflow and pred"],
		[{ model: { predictions: {} } }, "spec.model.predictions.layout: Required value"],
		[{ model: { predictions: { layout: "scanflow" } } }, 'supported values: "cloudedge", "reactive", "proactive"'],
		[{ model: { predictions: { layout: "native", window: "0s" } } }, "must be a duration above zero"],
		[{ model: { mlflow: { name: "m" } } }, "set exactly one of alias and version"],
		[{ model: { mlflow: { name: "m", alias: "a", version: "1" } } }, "set exactly one of alias and version"],
		[{ model: { mlflow: { name: "m", version: "latest" } } }, "a version is a number in quotes"],
		[{ placement: { topologyKey: "a b" } }, "topologyKey is a node label's key"],
		[
			{ objective: { ...objective, target: undefined }, rebalance: { trigger: "Reactive" } },
			"spec.objective.target: Required value: trigger Reactive waits until the target is missed",
		],
		[{ rebalance: { minGain: "10" } }, "minGain is a percentage of the target, such as 10%"],
		[{ rebalance: { confidence: "50%" } }, "confidence is a percentage above 50% and below 100%"],
		[{ rebalance: { confidence: "100%" } }, "confidence is a percentage above 50% and below 100%"],
		[{ rebalance: { stabilization: 0 } }, "should be greater than or equal to 1"],
		[{ rebalance: { cooldown: "15" } }, "must be a duration such as 30s, 15m or 1h30m"],
		[{ rebalance: { verifyAfter: "0m" } }, "must be a duration above zero"],
		[{ rebalance: { onWorse: "Panic" } }, 'spec.rebalance.onWorse: Unsupported value: "Panic"'],
		[{ workloadSelector: { matchExpressions: [{ key: "a", operator: "In" }] } }, "operators In and NotIn need values"],
	])("refuses %j", async (extra, message) => {
		expect(await refusal("QoSPolicy", policy(extra))).toContain(message);
	});
});

describe("QoSJob", () => {
	it("gets the defaults that the controller would fill in", async () => {
		const spec = { action: "Predict", interval: "1m" };
		const stored = z.object({ spec: z.unknown() }).parse(await create("QoSJob", spec));
		expect(parseJob({ metadata, spec: stored.spec })).toEqual(parseJob({ metadata, spec }));
		expect(stored.spec).toEqual({ ...spec, jitter: "0s", policySelector: {}, suspend: false });
	});

	it.each<[object]>([
		[{ at: "2026-03-01T08:00:00Z" }],
		[{ at: "2026-03-01T08:00:00+01:00" }],
		[{ cron: "0 3 * * 1-5", timezone: "Europe/Madrid", jitter: "30s" }],
		[{ cron: "*/5 * * * *", startingDeadline: "10m" }],
	])("accepts %j as the controller does", async (extra) => {
		const spec = { action: "Rebalance", ...extra };
		expect(await refusal("QoSJob", spec)).toBe("accepted");
		expect(parseJob({ metadata, spec }).ok).toBe(true);
	});

	it.each<[object, string]>([
		[{}, "set exactly one of interval, at and cron"],
		[{ interval: "1m", cron: "0 3 * * *" }, "set exactly one of interval, at and cron"],
		[{ interval: "1m", timezone: "UTC" }, "timezone goes with cron only"],
		[{ interval: "500ms" }, "interval is a duration of at least 1s"],
		[{ at: "tomorrow" }, "spec.at"],
		[{ cron: "0 3 * *" }, "cron has five fields"],
		[{ cron: "0 3 * * *", timezone: "Local" }, "timezone is an IANA name"],
		[{ interval: "1m", jitter: "some" }, "must be a duration such as 10s or 1m"],
		[{ interval: "1m", startingDeadline: "0s" }, "must be a duration above zero"],
		[{ interval: "1m", action: "Explode" }, 'spec.action: Unsupported value: "Explode"'],
	])("refuses %j", async (extra, message) => {
		expect(await refusal("QoSJob", { action: "Predict", ...extra })).toContain(message);
	});
});

describe("QoSMigration", () => {
	it.each<[object | undefined, string]>([
		[undefined, "spec.workload: Required value"],
		[{}, "spec.workload: Required value"],
		[{ workload: "Not A Name" }, "workload is the name of a Deployment in the same namespace"],
		[{ workload: "api", to: "not a label value!" }, "to is a value of the policy's topology key"],
		[{ workload: "api", override: ["Feasibility"] }, 'Unsupported value: "Feasibility"'],
		[{ workload: "api", override: ["Cooldown", "Cooldown"] }, "Duplicate value"],
	])("refuses %j", async (spec, message) => {
		expect(await refusal("QoSMigration", spec)).toContain(message);
	});

	it("cannot be changed afterwards", async () => {
		await create("QoSMigration", { workload: "api" }, {});
		const changed = admin.request({
			method: "PATCH",
			path: resourcePath("QoSMigration", "default", "test"),
			contentType: "application/merge-patch+json",
			body: { spec: { to: "node-1" } },
		});
		await expect(changed).rejects.toThrow("spec cannot be changed; create another QoSMigration instead");
	});
});

describe("kubectl", () => {
	const columns: Readonly<Record<string, readonly string[]>> = {
		qosp: ["NAME", "MODE", "METRIC", "TARGET", "SUSPENDED", "READY", "REASON", "AGE"],
		qosr: ["NAME", "NODE", "MEASURED", "PREDICTED", "UNIT", "RECOMMENDED", "ACTION", "REASON", "AGE"],
		qosm: ["NAME", "WORKLOAD", "PHASE", "FROM", "TO", "PROMISED", "MEASURED", "REASON", "AGE"],
		qosj: ["NAME", "ACTION", "INTERVAL", "AT", "CRON", "SUSPENDED", "LAST-RUN", "RESULT", "NEXT-RUN", "AGE"],
	};

	it.each(Object.keys(columns))("prints the columns of %s", async (name) => {
		const kind = { qosp: "QoSPolicy", qosr: "QoSReport", qosm: "QoSMigration", qosj: "QoSJob" }[name] as Kind;
		const spec = {
			qosp: policy(),
			qosr: undefined,
			qosm: { workload: "a" },
			qosj: { action: "Predict", interval: "1m" },
		}[name];
		await create(kind, spec, {}).catch((error: unknown) => expect(String(error)).toContain("AlreadyExists"));
		const [head = ""] = (await cluster.kubectl(["get", name])).split("\n");
		expect(head.trim().split(/ +/)).toEqual(columns[name]);
	});

	it("explains every field", async () => {
		for (const resource of Object.values(RESOURCES)) {
			const crd = await admin.request({
				path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${resource}.kubectl-qos.dev`,
			});
			const definition = z
				.object({
					spec: z.object({ versions: z.array(z.object({ schema: z.object({ openAPIV3Schema: z.unknown() }) })) }),
				})
				.parse(crd);
			const documented = undocumented(definition.spec.versions[0]?.schema.openAPIV3Schema, resource);
			expect(documented.fields).toBeGreaterThan(5);
			expect(documented.missing).toEqual([]);
		}
	});
});

describe("the example policies", () => {
	const folder = new URL("../../manifests/examples/", import.meta.url);
	const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

	it.each(files)("%s is accepted as it is, field by field", async (name) => {
		const body: unknown = parse(readFileSync(new URL(name, folder), "utf8"));
		const stored = await admin.request({
			method: "POST",
			path: resourcePath("QoSPolicy", "default"),
			query: { dryRun: "All", fieldValidation: "Strict" },
			body,
		});
		expect(parsePolicy(stored).ok).toBe(true);
	});
});

const schemaSchema = z.looseObject({
	description: z.string().optional(),
	properties: z.record(z.string(), z.unknown()).optional(),
	items: z.unknown().optional(),
});

/** Paths of fields without a description, apart from what the API server documents itself. */
function undocumented(input: unknown, path: string): { readonly fields: number; readonly missing: readonly string[] } {
	const schema = schemaSchema.parse(input);
	const found = Object.entries(schema.properties ?? {})
		.filter(([name]) => !["apiVersion", "kind", "metadata"].includes(name))
		.map(([name, property]) => {
			const inner = undocumented(property, `${path}.${name}`);
			const isMissing = schemaSchema.parse(property).description === undefined;
			return { fields: inner.fields + 1, missing: [...(isMissing ? [`${path}.${name}`] : []), ...inner.missing] };
		});
	if (schema.items !== undefined) {
		const { fields, missing } = undocumented(schema.items, `${path}[]`);
		found.push({ fields, missing: [...missing] });
	}
	return {
		fields: found.reduce((sum, { fields }) => sum + fields, 0),
		missing: found.flatMap(({ missing }) => missing),
	};
}
