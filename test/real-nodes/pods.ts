/** Pods of the tests of real nodes, as YAML for `kubectl apply -f -`. */
import { stringify } from "yaml";
import { SERVICE_ADDRESS } from "./network.ts";
import { WORKLOAD_IMAGE } from "./workloads/image.ts";

function pod(
	name: string,
	node: string,
	options: {
		readonly args: readonly string[];
		readonly container?: object;
		readonly spec?: object;
		readonly metadata?: object;
	},
): string {
	return stringify({
		apiVersion: "v1",
		kind: "Pod",
		metadata: { name, ...options.metadata },
		spec: {
			nodeSelector: { "kubernetes.io/hostname": node },
			terminationGracePeriodSeconds: 1,
			// A machine that is killed and revived keeps its pods.
			tolerations: [{ operator: "Exists" }],
			containers: [
				{
					name: "app",
					image: WORKLOAD_IMAGE,
					imagePullPolicy: "Never",
					args: options.args,
					resources: { requests: { cpu: "50m", memory: "16Mi" } },
					...options.container,
				},
			],
			...options.spec,
		},
	});
}

/** Where Prometheus finds the numbers of a pod that serves. */
export const SCRAPED = { "prometheus.io/scrape": "true", "prometheus.io/port": "8080" };

/** What a container that serves has beside its image. */
export const SERVES = {
	readinessProbe: { httpGet: { path: "/ready", port: 8080 }, periodSeconds: 1 },
	ports: [{ name: "http", containerPort: 8080 }],
};

/** Answers requests; Prometheus scrapes it. */
export function server(node: string): string {
	return pod(`serve-${node}`, node, {
		args: ["serve", "-drain=0s"],
		metadata: { labels: { app: "serve" }, annotations: SCRAPED },
		container: SERVES,
	});
}

/** On two threads, so that nothing but the node's speed limits it. */
export function burner(node: string): string {
	return pod(`burn-${node}`, node, { args: ["burn", "-threads=2"] });
}

/** Of all servers. */
export function service(): string {
	const spec = { selector: { app: "serve" }, ports: [{ name: "http", port: 80, targetPort: "http" }] };
	return stringify({ apiVersion: "v1", kind: "Service", metadata: { name: "serve" }, spec });
}

/** Asks all servers, which it finds by the API server. */
export function loadGenerator(node: string, token: string): string {
	const plan = {
		server: `https://${SERVICE_ADDRESS}`,
		token,
		caFile: "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
		namespace: "default",
		apps: [{ name: "serve", rate: 10 }],
	};
	const configMap = {
		apiVersion: "v1",
		kind: "ConfigMap",
		metadata: { name: "plan" },
		data: { "plan.json": JSON.stringify(plan) },
	};
	const load = pod("load", node, {
		args: ["load", "-plan=/plan/plan.json", "-out=/dev/null"],
		container: { volumeMounts: [{ name: "plan", mountPath: "/plan" }] },
		spec: { volumes: [{ name: "plan", configMap: { name: "plan" } }] },
	});
	return [stringify(configMap), load].join("---\n");
}
