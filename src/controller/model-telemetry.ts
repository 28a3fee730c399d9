import { Counter, Gauge, type Registry } from "prom-client";
import type { ClusterState } from "../core/cluster/state.ts";
import type { ModelRegistry } from "../core/model/model.ts";

export interface ModelTelemetryOptions {
	readonly registry: Registry;
	readonly cluster: () => ClusterState;
	readonly models: ModelRegistry;
	/** ms since the epoch. */
	readonly clock: () => number;
}

/** Metrics about models in service and the registry that they come from; read from memory at each scrape. */
export class ModelTelemetry {
	private readonly failures: Counter<"reason">;
	private answeredAt: number | undefined;

	constructor({ registry, cluster, models, clock }: ModelTelemetryOptions) {
		const answeredAt = () => this.answeredAt;
		const info = new Gauge({
			name: "kubectl_qos_model_info",
			help: "1 for every model that policies are served by.",
			labelNames: ["name", "version", "sha256"],
			registers: [],
			collect() {
				this.reset();
				for (const { model, objective } of cluster().policies.values()) {
					const resolution = models.resolve(model, objective);
					if (!resolution.refused) this.set({ ...resolution.model.reference }, 1);
				}
			},
		});
		const refused = new Gauge({
			name: "kubectl_qos_model_policies_refused",
			help: "Policies without a model, or kept on an earlier one, by reason.",
			labelNames: ["reason", "kept"],
			registers: [],
			collect() {
				this.reset();
				for (const { model, objective } of cluster().policies.values()) {
					const resolution = models.resolve(model, objective);
					if (resolution.refused) this.inc({ reason: resolution.reason, kept: "false" });
					else if (resolution.kept) this.inc({ reason: resolution.kept.reason, kept: "true" });
				}
			},
		});
		const age = new Gauge({
			name: "kubectl_qos_model_registry_age_seconds",
			help: "Time since the model registry last told of every model; absent before the first time.",
			registers: [],
			collect() {
				const at = answeredAt();
				if (at === undefined) this.reset();
				else this.set((clock() - at) / 1000);
			},
		});
		for (const gauge of [info, refused, age]) registry.registerMetric(gauge);
		this.failures = new Counter({
			name: "kubectl_qos_model_refresh_failures_total",
			help: "Looks at the model registry without an answer, and models of it that were refused.",
			labelNames: ["reason"],
			registers: [registry],
		});
	}

	/** The registry told of every model at that time, in ms since the epoch. */
	answered(at: number): void {
		this.answeredAt = at;
	}

	failed(reason: string): void {
		this.failures.inc({ reason });
	}
}
