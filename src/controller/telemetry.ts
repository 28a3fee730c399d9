import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { PredictionTelemetry } from "./prediction-telemetry.ts";

/** The controller's own Prometheus metrics; the webhook's stand with the webhook. */
export interface Telemetry {
	/** Seconds that one run of an action took. */
	readonly cycleDuration: Histogram<"action">;
	/** Seconds of each named step of a run. */
	readonly stepDuration: Histogram<"action" | "step">;
	readonly migrations: Counter<"result" | "reason">;
	readonly commands: Counter<"command" | "outcome">;
	/** Age of the newest sample of each metric of the catalogue. */
	readonly dataAge: Gauge<"metric">;
	readonly collectionFailures: Counter<"metric">;
	readonly leader: Gauge;
	readonly predictions: PredictionTelemetry;
}

const DURATION_BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createTelemetry(registry: Registry): Telemetry {
	const registers = [registry];
	return {
		cycleDuration: new Histogram({
			name: "kubectl_qos_cycle_duration_seconds",
			help: "Duration of one run of a job's action.",
			labelNames: ["action"],
			buckets: DURATION_BUCKETS,
			registers,
		}),
		stepDuration: new Histogram({
			name: "kubectl_qos_cycle_step_duration_seconds",
			help: "Duration of each step of a run.",
			labelNames: ["action", "step"],
			buckets: DURATION_BUCKETS,
			registers,
		}),
		migrations: new Counter({
			name: "kubectl_qos_migrations_total",
			help: "Migrations that ended, by phase and reason.",
			labelNames: ["result", "reason"],
			registers,
		}),
		commands: new Counter({
			name: "kubectl_qos_commands_total",
			help: "Commands carried out, by kind and outcome.",
			labelNames: ["command", "outcome"],
			registers,
		}),
		dataAge: new Gauge({
			name: "kubectl_qos_data_age_seconds",
			help: "Age of the newest sample of a metric; absent when there is none.",
			labelNames: ["metric"],
			registers,
		}),
		collectionFailures: new Counter({
			name: "kubectl_qos_collection_failures_total",
			help: "Collections in which a metric could not be read.",
			labelNames: ["metric"],
			registers,
		}),
		leader: new Gauge({ name: "kubectl_qos_leader", help: "1 on the replica that runs the timer.", registers }),
		predictions: new PredictionTelemetry(registry),
	};
}
