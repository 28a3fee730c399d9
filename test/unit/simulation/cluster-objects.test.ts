import { expect, test } from "vitest";
import { clusterNode, runningPod } from "../../../simulation/cluster-objects.ts";

const pod = {
	metadata: {
		namespace: "shop",
		name: "my-cart-5d4f-x",
		labels: { "pod-template-hash": "5d4f" },
		ownerReferences: [{ kind: "ReplicaSet", name: "my-cart-5d4f", controller: true }],
	},
	spec: { nodeName: "a" },
	status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
};

test("a ready pod of a Deployment serves", () => {
	expect(runningPod(pod)).toEqual({
		namespace: "shop",
		name: "my-cart-5d4f-x",
		deployment: "my-cart",
		node: "a",
		serving: true,
	});
});

test.each([
	["not ready yet", { ...pod, status: { ...pod.status, conditions: [{ type: "Ready", status: "False" }] } }],
	["terminating", { ...pod, metadata: { ...pod.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }],
])("a pod that is %s runs without serving", (_, object) => {
	expect(runningPod(object)?.serving).toBe(false);
});

test.each([
	["pending", { ...pod, status: { phase: "Pending" } }],
	["done", { ...pod, status: { phase: "Succeeded" } }],
	["not bound", { ...pod, spec: {} }],
	["of no ReplicaSet", { ...pod, metadata: { ...pod.metadata, ownerReferences: [] } }],
	["of a ReplicaSet of no Deployment", { ...pod, metadata: { ...pod.metadata, labels: {} } }],
	["no pod at all", { kind: "Pod" }],
])("a pod that is %s does not run for the world", (_, object) => {
	expect(runningPod(object)).toBeUndefined();
});

test("a node has its capacity, and is ready when it says so", () => {
	const status = { capacity: { cpu: "1500m", memory: "2Gi" }, conditions: [{ type: "Ready", status: "Unknown" }] };
	expect(clusterNode({ metadata: { name: "a" }, status })).toEqual({
		name: "a",
		ready: false,
		cores: 1.5,
		memory: 2 ** 31,
	});
	expect(clusterNode({})).toBeUndefined();
});
