import { stringify } from "yaml";
import { deployment, job, migration, namespace, policy } from "../../e2e/harness/objects.ts";
import { SCRAPED, SERVES } from "../pods.ts";
import { WORKLOAD_IMAGE } from "../workloads/image.ts";

/** Namespace of the apps. */
export const SHOP = "shop";

/** CPU time of a request. */
const COST = "5ms";

export interface App {
	readonly name: string;
	/** From the start of a pod to its being Ready; default 0s. */
	readonly warmup?: string;
}

/** Namespace, timer and a policy per app. In calm times nothing is worth a move: the target is far away. */
export function ground(apps: readonly string[]): readonly string[] {
	return [
		namespace(SHOP),
		job("predict", { action: "Predict", interval: "1s" }),
		job("rebalance", { action: "Rebalance", interval: "1s" }),
		...apps.map((app) => policyOf(app, "1")),
	];
}

/** @param target of the latency, in seconds */
export function policyOf(app: string, target: string): string {
	return policy(
		SHOP,
		{
			workloadSelector: { matchLabels: { app } },
			objective: { target, horizon: "10s" },
			rebalance: { onWorse: "Keep" },
		},
		app,
	);
}

/** A Deployment of one pod that serves, and its Service. */
export function appObjects({ name, warmup = "0s" }: App): string {
	const service = {
		apiVersion: "v1",
		kind: "Service",
		metadata: { name, namespace: SHOP },
		spec: { clusterIP: "None", selector: { app: name }, ports: [{ port: 8080, targetPort: 8080 }] },
	};
	const template = {
		metadata: { labels: { app: name }, annotations: SCRAPED },
		spec: {
			containers: [{ ...container(["serve", `-cost=${COST}`, `-warmup=${warmup}`], "50m"), ...SERVES }],
			terminationGracePeriodSeconds: 15,
		},
	};
	return [deployment({ namespace: SHOP, name, spec: { template } }), stringify(service)].join("---\n");
}

/** A pod that takes all the CPU that it can get of a node. */
export function burner(name: string, node: string): string {
	return stringify({
		apiVersion: "v1",
		kind: "Pod",
		metadata: { name, namespace: "default" },
		spec: {
			nodeSelector: { "kubernetes.io/hostname": node },
			terminationGracePeriodSeconds: 0,
			containers: [container(["burn", "-threads=2"], "200m")],
		},
	});
}

/** A move that nothing but the node itself can refuse. */
export function move(app: string, to: string): string {
	return migration(SHOP, app, { to, override: ["Cooldown", "MinGain", "Confidence", "Disruption"] });
}

function container(args: readonly string[], cpu: string): object {
	return {
		name: "app",
		image: WORKLOAD_IMAGE,
		imagePullPolicy: "Never",
		args,
		resources: { requests: { cpu, memory: "16Mi" } },
	};
}
