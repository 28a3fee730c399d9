import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What became of an admission: patched, left alone, failed inside, or not decided in time. */
export type AdmissionResult = "applied" | "skipped" | "error" | "deadline";

/** The webhook's Prometheus metrics. */
export interface WebhookTelemetry {
	/** Seconds from a review's arrival, body included, to its answer. */
	readonly duration: Histogram;
	readonly admissions: Counter<"result" | "reason">;
	/** Says when the certificate that is served from now on expires, in ms since the epoch. */
	certificateExpires(at: number): void;
}

/** `clock` is in ms since the epoch. */
export function createWebhookTelemetry(registry: Registry, clock: () => number = Date.now): WebhookTelemetry {
	const registers = [registry];
	let expiresAt = Number.NaN;
	let expiry: Gauge | undefined;
	return {
		duration: new Histogram({
			name: "kubectl_qos_admission_duration_seconds",
			help: "Duration of one admission, from the review's arrival to its answer.",
			buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
			registers,
		}),
		admissions: new Counter({
			name: "kubectl_qos_admission_total",
			help: "Admissions by result and reason.",
			labelNames: ["result", "reason"],
			registers,
		}),
		certificateExpires: (at) => {
			expiresAt = at;
			// Made when there is something to say: a gauge without a value shows 0, which is an alarm here.
			expiry ??= new Gauge({
				name: "kubectl_qos_certificate_expiry_seconds",
				help: "Seconds until the serving certificate expires; negative when it has.",
				registers,
				collect() {
					this.set((expiresAt - clock()) / 1000);
				},
			});
		},
	};
}
