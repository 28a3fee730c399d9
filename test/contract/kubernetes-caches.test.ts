import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KubernetesCluster } from "../../src/adapters/kubernetes/cluster.ts";
import type { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { asController, eventually, migrationsServed, RecordingLog, startInstalled } from "./kubernetes-support.ts";

let cluster: Cluster;
let connection: KubernetesConnection;
let caches: KubernetesCluster;
const log = new RecordingLog();

beforeAll(async () => {
	cluster = await startInstalled();
	await migrationsServed(cluster);
	connection = await asController(cluster);
	caches = new KubernetesCluster(connection, log);
	caches.start();
	await eventually(() => caches.ready() || undefined);
	await cluster.kubectl(["create", "namespace", "shop"]);
});

afterAll(async () => {
	await caches?.stop();
	connection?.close();
	await cluster?.stop();
});

async function apply(...objects: readonly object[]): Promise<void> {
	await cluster.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
}

function qos(kind: string, name: string, spec: object) {
	return { apiVersion: "kubectl-qos.dev/v1alpha1", kind, metadata: { name, namespace: "shop" }, spec };
}

describe("KubernetesCluster, as the controller's ServiceAccount", () => {
	it("is ready and current", () => {
		expect(caches.unready()).toEqual([]);
		expect(caches.ageSeconds()).toBe(0);
		expect([...caches.state().nodes.keys()].toSorted()).toEqual(["node-1", "node-2"]);
		expect(caches.state().nodes.get("node-1")).toMatchObject({ ready: true, unschedulable: false });
	});

	it("follows a Deployment to its pods on their nodes", async () => {
		await cluster.kubectl(["create", "deployment", "api", "--image=x", "--replicas=3", "-n", "shop"]);
		const pods = await eventually(() => {
			const found = caches.state().podsByWorkload.get("shop/api");
			return found?.size === 3 && [...found].every(({ ready }) => ready) ? found : undefined;
		});
		for (const pod of pods) {
			expect(caches.state().pods.get(pod.uid)).toBe(pod);
			expect(caches.state().podsByNode.get(pod.nodeName ?? "")).toContain(pod);
			expect(caches.workloadOf("shop", pod.name)).toBe("shop/api");
		}
		const [first, second] = [...pods];
		expect(first?.scheduling).toBe(second?.scheduling);
		await eventually(() => caches.state().workloads.get("shop/api")?.rolledOut || undefined);
		expect(caches.state().workloads.get("shop/api")).toMatchObject({ replicas: 3, availableReplicas: 3 });

		await cluster.kubectl(["delete", "deployment", "api", "-n", "shop", "--wait=false"]);
		await eventually(() => (caches.state().podsByWorkload.get("shop/api") === undefined ? true : undefined));
		const onNodes = [...caches.state().podsByNode.values()].flatMap((pods) => [...pods]);
		expect(onNodes.filter(({ namespace }) => namespace === "shop")).toEqual([]);
	});

	it("joins a claim with its volume", async () => {
		const terms = [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["node-1"] }] }];
		await apply(
			{
				apiVersion: "v1",
				kind: "PersistentVolume",
				metadata: { name: "disk" },
				spec: {
					capacity: { storage: "1Gi" },
					accessModes: ["ReadWriteOnce"],
					storageClassName: "none",
					local: { path: "/mnt" },
					nodeAffinity: { required: { nodeSelectorTerms: terms } },
				},
			},
			{
				apiVersion: "v1",
				kind: "PersistentVolumeClaim",
				metadata: { name: "db", namespace: "shop" },
				spec: {
					accessModes: ["ReadWriteOnce"],
					storageClassName: "none",
					volumeName: "disk",
					resources: { requests: { storage: "1Gi" } },
				},
			},
		);
		const claim = await eventually(() => {
			const found = caches.state().volumeClaims.get("shop/db");
			return found?.bound ? found : undefined;
		});
		expect(claim).toMatchObject({ singleNode: true, nodeAffinity: terms });
	});

	it("sees cordons, disruption budgets, policies, jobs and migrations", async () => {
		await cluster.cordon("node-2");
		await cluster.kubectl(["create", "deployment", "web", "--image=x", "-n", "shop"]);
		await apply(
			{
				apiVersion: "policy/v1",
				kind: "PodDisruptionBudget",
				metadata: { name: "web", namespace: "shop" },
				spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } } },
			},
			qos("QoSPolicy", "fast", { workloadSelector: {}, objective: { metric: "latency", direction: "Minimize" } }),
			qos("QoSJob", "often", { action: "Predict", interval: "10s" }),
			qos("QoSMigration", "once", { workload: "web" }),
		);
		await eventually(() => caches.state().nodes.get("node-2")?.unschedulable || undefined);
		expect(await eventually(() => caches.state().disruptionBudgets.get("shop/web"))).toMatchObject({
			disruptionsAllowed: 0,
		});
		expect(await eventually(() => caches.state().policies.get("shop/fast"))).toMatchObject({ mode: "Off" });
		expect(await eventually(() => [...caches.jobs()].find(({ name }) => name === "often"))).toMatchObject({
			schedule: { kind: "Interval", seconds: 10 },
		});
		expect(await eventually(() => caches.state().migrations.get("shop/once"))).toMatchObject({
			workload: "shop/web",
			requestedBy: "admin",
			automatic: false,
			cancelledBy: undefined,
		});
		await cluster.uncordon("node-2");
	});

	it("reports an object that cannot be read once and goes on without it", async () => {
		const spec = { workloadSelector: {}, objective: { metric: "latency", direction: "Minimize" } };
		await apply(qos("QoSPolicy", "odd", spec));
		await eventually(() => caches.state().policies.get("shop/odd"));
		// What CEL and schema let through today may be wrong tomorrow: lift them, and write nonsense.
		const crd = ["crd", "qospolicies.kubectl-qos.dev"];
		const lifted = [
			{
				op: "replace",
				path: "/spec/versions/0/schema/openAPIV3Schema/properties/spec",
				value: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
			},
		];
		await cluster.kubectl(["patch", ...crd, "--type=json", "-p", JSON.stringify(lifted)]);
		await eventually(async () => {
			const patch = JSON.stringify({ spec: { objective: { horizon: "soon" } } });
			await cluster.kubectl(["patch", "qosp", "odd", "-n", "shop", "--type=merge", "-p", patch]).catch(() => undefined);
			return caches.problems("QoSPolicy").get("shop/odd");
		});
		expect(caches.problems("QoSPolicy").get("shop/odd")).toBe(
			'QoSPolicy shop/odd is invalid: spec.objective.horizon: must be a duration above zero such as 30s, 5m or 1h30m, not "soon"',
		);
		expect(caches.state().policies.has("shop/odd")).toBe(false);
		expect(caches.state().policies.has("shop/fast")).toBe(true);
		await cluster.kubectl(["annotate", "qosp", "odd", "-n", "shop", "a=b"]);
		await cluster.kubectl(["delete", "qosp", "odd", "-n", "shop"]);
		await eventually(() => (caches.problems("QoSPolicy").size === 0 ? true : undefined));
		expect(log.lines.filter((line) => line.includes("shop/odd"))).toHaveLength(1);
	});

	it("survives a restart of the API server, ages while it is away, and misses nothing", async () => {
		const changed: string[] = [];
		const end = caches.onChange("Namespace", (key) => changed.push(key));
		await cluster.stopProgram("kube-apiserver");
		await eventually(() => (caches.ageSeconds() > 1 ? true : undefined));
		expect(caches.ready()).toBe(true);
		expect(caches.state().nodes.size).toBe(2);
		await cluster.startProgram("kube-apiserver");
		await cluster.kubectl(["create", "namespace", "late"]);
		await eventually(() => caches.state().namespaces.get("late"), 30);
		await eventually(() => (caches.ageSeconds() === 0 ? true : undefined), 30);
		expect(changed).toContain("late");
		end();
		await cluster.kubectl(["delete", "namespace", "late"]);
		await eventually(() => (caches.state().namespaces.has("late") ? undefined : true));
		expect(changed.filter((key) => key === "late").length).toBeGreaterThan(0);
	});
});
