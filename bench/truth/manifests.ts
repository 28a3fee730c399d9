import { stringify as stringifyAs } from "yaml";
import { namespace } from "../../test/e2e/harness/objects.ts";
import type { App, Neighbour, Script } from "./script.ts";

/** The namespaces of the apps and of the neighbours. */
export const NAMESPACES = { apps: "shop", neighbours: "neighbours" } as const;

/** A Service of a pod per node that tells what a request would take there. */
export const PROBE = "probe";

const PORT = 8080;
/** Every node is looked at about as often as an app, so its CPU share is one like theirs. */
const PROBE_REQUEST = 40;
/** A node that is gone is given up on after so many seconds, instead of 300: the script has no time to wait. */
const TOLERATION_SECONDS = 5;

/** kubectl reads YAML 1.1, in which a bare `Off` is false. */
function stringify(object: object): string {
	return stringifyAs(object, { version: "1.1" });
}

/** What the workload program runs as. */
export interface Image {
	readonly reference: string;
}

export function namespaces(isServed: boolean): string {
	const labels = isServed ? { "kubectl-qos.dev/admission": "enabled" } : {};
	return [namespace(NAMESPACES.apps, labels), namespace(NAMESPACES.neighbours, {})].join("---\n");
}

/** A Deployment of one replica and its Service. */
export function appObjects({ apps }: Pick<Script, "apps">, image: Image): string {
	return apps.flatMap((app) => [deploymentOf(app, image), serviceOf(app.name)]).join("---\n");
}

/** A DaemonSet and its Service. */
export function probeObjects(image: Image): string {
	const daemonSet = {
		apiVersion: "apps/v1",
		kind: "DaemonSet",
		metadata: { name: PROBE, namespace: NAMESPACES.apps, labels: { app: PROBE } },
		spec: {
			selector: { matchLabels: { app: PROBE } },
			template: {
				metadata: podMetadata(PROBE),
				spec: podSpec(image, { args: ["serve"], cpuRequest: PROBE_REQUEST, serves: true }),
			},
		},
	};
	return [stringify(daemonSet), serviceOf(PROBE)].join("---\n");
}

export function neighbourPod({ name, node, cpuRequest, cpuLimit }: Neighbour, image: Image): string {
	return stringify({
		apiVersion: "v1",
		kind: "Pod",
		metadata: { name, namespace: NAMESPACES.neighbours, labels: { app: name } },
		spec: {
			// The scheduler places it like any other pod that asks for this node: its requests count.
			nodeSelector: { "kubernetes.io/hostname": node },
			...podSpec(image, { args: ["burn"], cpuRequest, cpuLimit, serves: false }),
		},
	});
}

function deploymentOf({ name, costMilliseconds, cpuRequest }: App, image: Image): string {
	return stringify({
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name, namespace: NAMESPACES.apps, labels: { app: name } },
		spec: {
			replicas: 1,
			selector: { matchLabels: { app: name } },
			strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
			template: {
				metadata: podMetadata(name),
				spec: podSpec(image, { args: ["serve", "-cost", `${costMilliseconds}ms`], cpuRequest, serves: true }),
			},
		},
	});
}

/** Headless: whoever asks finds the pods themselves. */
export function serviceOf(name: string): string {
	return stringify({
		apiVersion: "v1",
		kind: "Service",
		metadata: { name, namespace: NAMESPACES.apps },
		spec: { clusterIP: "None", selector: { app: name }, ports: [{ port: PORT, targetPort: PORT }] },
	});
}

/** Of a pod that serves: Prometheus finds its metrics. */
export function podMetadata(name: string): object {
	return {
		labels: { app: name },
		annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": String(PORT) },
	};
}

interface PodOptions {
	readonly args: readonly string[];
	/** In millicores. */
	readonly cpuRequest: number | undefined;
	readonly cpuLimit?: number | undefined;
	/** Whether it is an HTTP server. */
	readonly serves: boolean;
}

export function podSpec({ reference }: Image, { args, cpuRequest, cpuLimit, serves }: PodOptions): object {
	return {
		automountServiceAccountToken: false,
		enableServiceLinks: false,
		dnsPolicy: "Default",
		terminationGracePeriodSeconds: serves ? 15 : 1,
		tolerations: ["not-ready", "unreachable"].map((condition) => ({
			key: `node.kubernetes.io/${condition}`,
			operator: "Exists",
			effect: "NoExecute",
			tolerationSeconds: TOLERATION_SECONDS,
		})),
		containers: [
			{
				name: "app",
				image: reference,
				imagePullPolicy: "Never",
				args,
				resources: {
					...(cpuRequest !== undefined && { requests: { cpu: `${cpuRequest}m`, memory: "16Mi" } }),
					...(cpuLimit !== undefined && { limits: { cpu: `${cpuLimit}m` } }),
				},
				...(serves && {
					ports: [{ name: "http", containerPort: PORT }],
					readinessProbe: { httpGet: { path: "/ready", port: PORT }, periodSeconds: 1, timeoutSeconds: 5 },
				}),
			},
		],
	};
}

/** Times of jobs and policies in seconds: shorter than the defaults, for a world that changes within minutes. */
export const TIMES = {
	step: 2,
	predict: 2,
	rebalance: 4,
	horizon: 30,
	cooldown: 60,
	verifyAfter: 20,
} as const;

/** The timer and a policy per app; all else is as it ships. */
export function policies({ apps }: Pick<Script, "apps">, mode: "Initial" | "Auto"): string {
	return [
		jobOf("predict", "Predict", TIMES.predict),
		jobOf("rebalance", "Rebalance", TIMES.rebalance),
		...apps.map((app) => policyOf(app, mode)),
	].join("---\n");
}

function jobOf(name: string, action: "Predict" | "Rebalance", seconds: number): string {
	return stringify({
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSJob",
		metadata: { name, namespace: "kubectl-qos-system" },
		spec: { action, interval: `${seconds}s` },
	});
}

function policyOf({ name, target }: App, mode: "Initial" | "Auto"): string {
	return stringify({
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSPolicy",
		metadata: { name, namespace: NAMESPACES.apps },
		spec: {
			workloadSelector: { matchLabels: { app: name } },
			mode,
			objective: {
				metric: "latency",
				direction: "Minimize",
				target: `${target}m`,
				horizon: `${TIMES.horizon}s`,
				aggregate: "Mean",
			},
			rebalance: { cooldown: `${TIMES.cooldown}s`, verifyAfter: `${TIMES.verifyAfter}s` },
		},
	});
}
