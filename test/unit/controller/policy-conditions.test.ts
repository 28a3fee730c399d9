import { beforeAll, describe, expect, test } from "vitest";
import { policyConditions } from "../../../src/controller/policy-conditions.ts";
import type { MetricFailure } from "../../../src/core/metrics/metric.ts";
import type { ModelRegistry } from "../../../src/core/model/model.ts";
import type { PolicyCondition } from "../../../src/core/policy/condition.ts";
import { CART, NOW, policy, registryOf, type TestView, viewOf, workload } from "../admission/world.ts";
import { headroomModels } from "../prediction/world.ts";

let models: ModelRegistry;
beforeAll(async () => {
	models = registryOf(await headroomModels());
});

function viewWith(...failures: readonly MetricFailure[]): TestView {
	const view = viewOf({ a: { cpu: 1 } }, models);
	view.cluster.policies.set("shop/fast", policy());
	view.cluster.workloads.set(CART, workload());
	view.metrics.noteFailures(failures, NOW);
	return view;
}

/** The conditions of the only policy, by type. */
function conditionsOf(view: TestView): Partial<Record<PolicyCondition["type"], PolicyCondition>> {
	const [only, ...others] = policyConditions(view);
	expect(others).toEqual([]);
	return Object.fromEntries(only?.conditions.map((condition) => [condition.type, condition]) ?? []);
}

describe("conditions of a policy", () => {
	test("in force: its model fits and its metrics are answered", () => {
		const { Ready, MetricsAvailable, Conflict } = conditionsOf(viewWith());
		expect(Ready).toMatchObject({ status: "True", reason: "InForce" });
		expect(MetricsAvailable).toMatchObject({ status: "True", reason: "Collected" });
		expect(Conflict).toMatchObject({ status: "False" });
	});

	test("not ready while the query of its objective fails", () => {
		const message = "the query is not valid PromQL; correct it";
		const { Ready, MetricsAvailable } = conditionsOf(viewWith({ metric: "latency", message, concerns: "Query" }));
		expect(MetricsAvailable).toMatchObject({ status: "False", reason: "QueryFailed", message });
		expect(Ready).toMatchObject({ status: "False", reason: "QueryFailed" });
		expect(Ready?.message).toContain(message);
	});

	test("not ready while a metric that its model needs cannot be asked for", () => {
		const failure = { metric: "node_cpu_usage", message: "Prometheus is out of reach", concerns: "Source" } as const;
		const { Ready, MetricsAvailable } = conditionsOf(viewWith(failure));
		expect(MetricsAvailable).toMatchObject({ status: "False", reason: "PrometheusUnavailable" });
		expect(Ready).toMatchObject({ status: "False", reason: "PrometheusUnavailable" });
	});

	describe("whose objective has another unit than its metric", () => {
		function reasonAt(...values: readonly number[]): string | undefined {
			const view = viewWith();
			values.forEach((value, index) => {
				const key = `shop/app-${index}` as const;
				view.cluster.workloads.set(key, { ...workload(), key, name: `app-${index}` });
				view.metrics.ingest([{ metric: "latency", entity: key, at: NOW, value }], NOW);
			});
			const { objective } = policy();
			view.cluster.policies.set("shop/fast", policy({ objective: { ...objective, target: 0.2 } }));
			return conditionsOf(view).MetricsAvailable?.reason;
		}

		test("is doubted where all that is measured is about a thousand times the target, or a thousandth", () => {
			expect(reasonAt(150, 400)).toBe("UnitDoubtful");
			expect(reasonAt(0.0002, 0.0003)).toBe("UnitDoubtful");
		});

		test("is not doubted where something is measured that could be in that unit, or nothing, or nothing but 0", () => {
			expect(reasonAt(150, 0.3)).toBe("Collected");
			expect(reasonAt(150, 0.0002)).toBe("Collected");
			expect(reasonAt(30)).toBe("Collected");
			expect(reasonAt(0)).toBe("Collected");
			expect(reasonAt()).toBe("Collected");
		});
	});

	test("not concerned by what it does not need", () => {
		const { Ready } = conditionsOf(viewWith({ metric: "fps", message: "parse error", concerns: "Query" }));
		expect(Ready).toMatchObject({ status: "True" });
	});

	test("an objective that is not in the catalogue, beside its refused model", () => {
		const view = viewWith();
		const { objective } = policy();
		view.cluster.policies.set("shop/fast", policy({ objective: { ...objective, metric: "happiness" } }));
		const refusal = { refused: true, reason: "SchemaMismatch", message: "happiness is not measured" } as const;
		const { Ready, MetricsAvailable } = conditionsOf({ ...view, models: { resolve: () => refusal } });
		expect(MetricsAvailable).toMatchObject({ status: "False", reason: "NotInCatalogue" });
		expect(Ready).toMatchObject({ status: "False", reason: "ModelSchemaMismatch" });
	});

	test("in force with the last good model while the registry names one that cannot be used", () => {
		const view = viewWith();
		const kept = { refused: true, reason: "HashMismatch", message: "version 2 has another digest" } as const;
		const resolution = view.models.resolve(policy().model, policy().objective);
		const { Ready } = conditionsOf({ ...view, models: { resolve: () => ({ ...resolution, kept }) } });
		expect(Ready).toMatchObject({ status: "True", reason: "ModelKept" });
		expect(Ready?.message).toBe(
			"governs 1 Deployment with model headroom 1, which stays in service: version 2 has another digest",
		);
	});
});
