import { stringify as stringifyAs } from "yaml";

/** kubectl reads YAML 1.1, in which a bare `Off` is false. */
function stringify(object: object): string {
	return stringifyAs(object, { version: "1.1" });
}

/** Kubernetes objects that the stories are made of, as YAML for `kubectl apply -f -`. */

export interface DeploymentOptions {
	readonly namespace: string;
	readonly name: string;
	readonly replicas?: number;
	readonly cpu?: string;
	/** Merged into the pod spec. */
	readonly podSpec?: Record<string, unknown>;
	/** Merged into the Deployment's spec. */
	readonly spec?: Record<string, unknown>;
	readonly labels?: Record<string, string>;
	readonly annotations?: Record<string, string>;
}

export function namespace(name: string, labels: Record<string, string> = { "kubectl-qos.dev/admission": "enabled" }) {
	return stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
}

export function deployment(options: DeploymentOptions): string {
	const { name, namespace: inNamespace, replicas = 1, cpu = "500m" } = options;
	const labels = { app: name, ...options.labels };
	return stringify({
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name, namespace: inNamespace, labels, annotations: options.annotations ?? {} },
		spec: {
			replicas,
			selector: { matchLabels: { app: name } },
			template: {
				metadata: { labels: { app: name } },
				spec: {
					containers: [{ name: "app", image: "example.invalid/app", resources: { requests: { cpu, memory: "64Mi" } } }],
					...options.podSpec,
				},
			},
			...options.spec,
		},
	});
}

/** A policy in which every wait is seconds; `spec` is merged per top-level field. */
export function policy(inNamespace: string, spec: Record<string, unknown> = {}, name = "fast"): string {
	const base: Record<string, unknown> = {
		workloadSelector: {},
		mode: "Auto",
		objective: { metric: "latency", direction: "Minimize", target: "100m", horizon: "5s" },
		rebalance: { minGain: "10%", stabilization: 2, cooldown: "5s", verifyAfter: "3s" },
	};
	const merged: Record<string, unknown> = { ...base };
	for (const [field, value] of Object.entries(spec)) {
		const before = base[field];
		merged[field] =
			isObject(before) && isObject(value) && field !== "workloadSelector" ? { ...before, ...value } : value;
	}
	return stringify({
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSPolicy",
		metadata: { name, namespace: inNamespace },
		spec: merged,
	});
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function job(name: string, spec: Record<string, unknown>, inNamespace = "kubectl-qos-system"): string {
	return stringify({
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSJob",
		metadata: { name, namespace: inNamespace },
		spec,
	});
}

export function migration(inNamespace: string, workload: string, spec: Record<string, unknown> = {}): string {
	return stringify({
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSMigration",
		metadata: { generateName: `${workload}-`, namespace: inNamespace },
		spec: { workload, ...spec },
	});
}
