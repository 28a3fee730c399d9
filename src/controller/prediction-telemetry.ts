import { Gauge, Histogram, type Registry } from "prom-client";
import type { Outcome } from "../core/calibration/outcome.ts";
import type { Policy } from "../core/policy/policy.ts";

type PolicyName = Pick<Policy, "namespace" | "name">;

/** Outcomes over which the exported coverage looks back. */
const MEMORY = 1_000;

/** How good predictions turned out to be, by policy: one series a policy, however many workloads and nodes. */
export class PredictionTelemetry {
	private readonly error: Histogram<"namespace" | "policy">;
	private readonly coverage: Gauge<"namespace" | "policy">;
	private readonly policies = new Map<string, { readonly policy: PolicyName; covered: number; outcomes: number }>();

	constructor(registry: Registry) {
		const registers = [registry];
		this.error = new Histogram({
			name: "kubectl_qos_prediction_error_ratio",
			help: "|measured - predicted| / |measured| over the horizon of a prediction, and after a move.",
			labelNames: ["namespace", "policy"],
			buckets: [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1],
			registers,
		});
		this.coverage = new Gauge({
			name: "kubectl_qos_interval_coverage_ratio",
			help: "Share of the last 1,000 predictions whose 90 % interval held what was measured.",
			labelNames: ["namespace", "policy"],
			registers,
		});
	}

	/** What came of a prediction for where a workload stayed. */
	followedUp(policy: PolicyName, { issued, actual }: Pick<Outcome, "issued" | "actual">): void {
		this.observeError(policy, issued.value, actual);
		const record = this.record(policy);
		record.outcomes = Math.min(MEMORY, record.outcomes + 1);
		const isCovered = actual >= issued.lower && actual <= issued.upper;
		record.covered += (Number(isCovered) - record.covered) / record.outcomes;
		this.coverage.set({ namespace: policy.namespace, policy: policy.name }, record.covered);
	}

	/** What a move brought, next to its promise. */
	promiseMeasured(policy: PolicyName, { promised, measured }: { promised: number; measured: number }): void {
		this.record(policy);
		this.observeError(policy, promised, measured);
	}

	/** Drops the series of policies that are gone. `policies` is by `namespace/name`. */
	forget(policies: ReadonlyMap<string, unknown>): void {
		for (const [key, { policy }] of this.policies) {
			if (policies.has(key)) continue;
			this.policies.delete(key);
			const labels = { namespace: policy.namespace, policy: policy.name };
			this.coverage.remove(labels);
			this.error.remove(labels);
		}
	}

	private record(policy: PolicyName) {
		const key = `${policy.namespace}/${policy.name}`;
		const record = this.policies.get(key) ?? { policy, covered: 0, outcomes: 0 };
		this.policies.set(key, record);
		return record;
	}

	private observeError({ namespace, name }: PolicyName, predicted: number, measured: number): void {
		const ratio = Math.abs((measured - predicted) / measured);
		if (Number.isFinite(ratio)) this.error.observe({ namespace, policy: name }, ratio);
	}
}
