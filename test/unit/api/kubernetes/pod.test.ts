import { describe, expect, it } from "vitest";
import { parsePod } from "../../../../src/api/kubernetes/pod.ts";
import { read } from "./read.ts";

const metadata = {
	namespace: "shop",
	name: "api-5d4f-x1",
	uid: "u",
	creationTimestamp: "2026-01-01T00:00:00Z",
	labels: { app: "api", "pod-template-hash": "5d4f" },
	ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "api-5d4f", controller: true }],
};

function pod(extra: { metadata?: object; spec?: object; status?: object } = {}) {
	return read(parsePod, {
		metadata: { ...metadata, ...extra.metadata },
		spec: { containers: [{ resources: { requests: { cpu: "100m" } } }], ...extra.spec },
		status: extra.status,
	});
}

describe("parsePod", () => {
	it("needs little", () => {
		expect(pod()).toEqual({
			uid: "u",
			namespace: "shop",
			name: "api-5d4f-x1",
			labels: metadata.labels,
			annotations: {},
			nodeName: undefined,
			phase: "Pending",
			ready: false,
			terminating: false,
			createdAt: Date.UTC(2026, 0, 1),
			readySince: undefined,
			unschedulableSince: undefined,
			workload: "shop/api",
			scheduling: {
				requests: { cpu: 0.1 },
				schedulerName: "default-scheduler",
				nodeSelector: {},
				nodeAffinity: undefined,
				podAffinity: [],
				podAntiAffinity: [],
				tolerations: [],
				topologySpread: [],
				hostPorts: [],
				volumeClaims: [],
			},
		});
	});

	it.each([
		["a bare pod", { ownerReferences: null }],
		[
			"a DaemonSet's pod",
			{ ownerReferences: [{ apiVersion: "apps/v1", kind: "DaemonSet", name: "d", controller: true }] },
		],
		["a ReplicaSet of no Deployment", { labels: {} }],
		["an owner that does not control it", { ownerReferences: [{ ...metadata.ownerReferences[0], controller: false }] }],
	])("knows no workload of %s", (_, metadata) => {
		expect(pod({ metadata }).workload).toBeUndefined();
	});

	it("reads conditions", () => {
		const read = pod({
			metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" },
			spec: { nodeName: "n1" },
			status: {
				phase: "Running",
				conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:07Z" }],
			},
		});
		const readySince = Date.UTC(2026, 0, 1, 0, 0, 7);
		expect(read).toMatchObject({ nodeName: "n1", phase: "Running", ready: true, readySince, terminating: true });
		const unready = [{ type: "Ready", status: "False", lastTransitionTime: "2026-01-01T00:00:07Z" }];
		expect(pod({ status: { conditions: unready } })).toMatchObject({ ready: false, readySince: undefined });
		const waiting = pod({
			status: {
				conditions: [
					{
						type: "PodScheduled",
						status: "False",
						reason: "Unschedulable",
						lastTransitionTime: "2026-01-01T00:00:09Z",
					},
				],
			},
		});
		expect(waiting.unschedulableSince).toBe(Date.UTC(2026, 0, 1, 0, 0, 9));
	});

	it("keeps only annotations that are read", () => {
		const annotations = {
			"kubectl-qos.dev/skip": "true",
			"kubernetes.io/config.mirror": "m",
			other: "x".repeat(10_000),
		};
		expect(pod({ metadata: { annotations } }).annotations).toEqual({
			"kubectl-qos.dev/skip": "true",
			"kubernetes.io/config.mirror": "m",
		});
	});

	it("takes the most of what is asked, allocated and in force while it is resized", () => {
		const spec = { containers: [{ name: "c", resources: { requests: { cpu: "1", memory: "1Gi" } } }] };
		const containerStatuses = [
			{ name: "c", resources: { requests: { cpu: "2" } }, allocatedResources: { cpu: "1", memory: "2Gi" } },
		];
		const resizing = (conditions: readonly object[]) =>
			pod({ spec, status: { containerStatuses, conditions } }).scheduling.requests;
		expect(resizing([])).toEqual({ cpu: 2, memory: 2 ** 31 });
		spec.containers[0] = { name: "c", resources: { requests: { cpu: "9", memory: "1Gi" } } };
		expect(resizing([])).toEqual({ cpu: 9, memory: 2 ** 31 });
		const infeasible = { type: "PodResizePending", status: "True", reason: "Infeasible" };
		expect(resizing([infeasible])).toEqual({ cpu: 2, memory: 2 ** 31 });
	});

	it("takes every port on the host's network", () => {
		const containers = [{ ports: [{ containerPort: 80 }] }];
		expect(pod({ spec: { containers } }).scheduling.hostPorts).toEqual([]);
		expect(pod({ spec: { containers, hostNetwork: true } }).scheduling.hostPorts).toEqual([
			{ ip: "0.0.0.0", protocol: "TCP", port: 80 },
		]);
	});

	it("reads what the scheduler reads", () => {
		const term = {
			topologyKey: "zone",
			labelSelector: { matchLabels: { app: "db" } },
			matchLabelKeys: ["app", "absent"],
			namespaceSelector: {},
		};
		const { scheduling } = pod({
			spec: {
				schedulerName: "mine",
				nodeSelector: { disk: "ssd" },
				affinity: {
					nodeAffinity: {
						requiredDuringSchedulingIgnoredDuringExecution: {
							nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["n1"] }] }],
						},
						preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: {} }],
					},
					podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] },
				},
				tolerations: [{ operator: "Exists" }, { key: "edge", effect: "NoSchedule" }],
				topologySpreadConstraints: [{ topologyKey: "zone", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" }],
				containers: [{ ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }] }],
				initContainers: [
					{ ports: [{ hostPort: 9 }] },
					{ restartPolicy: "Always", ports: [{ hostPort: 90, hostIP: "10.0.0.1" }] },
				],
				volumes: [
					{ name: "data", persistentVolumeClaim: { claimName: "db" } },
					{ name: "scratch", ephemeral: {} },
					{ name: "conf", configMap: { name: "c" } },
				],
			},
		});
		expect(scheduling).toEqual({
			requests: {},
			schedulerName: "mine",
			nodeSelector: { disk: "ssd" },
			nodeAffinity: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["n1"] }] }],
			podAffinity: [],
			podAntiAffinity: [
				{
					topologyKey: "zone",
					labelSelector: {
						matchLabels: { app: "db" },
						matchExpressions: [{ key: "app", operator: "In", values: ["api"] }],
					},
					namespaces: [],
					namespaceSelector: {},
				},
			],
			tolerations: [
				{ key: undefined, operator: "Exists", value: "", effect: undefined },
				{ key: "edge", operator: "Equal", value: "", effect: "NoSchedule" },
			],
			topologySpread: [
				{
					topologyKey: "zone",
					maxSkew: 1,
					minDomains: undefined,
					whenUnsatisfiable: "DoNotSchedule",
					labelSelector: undefined,
					nodeAffinityPolicy: "Honor",
					nodeTaintsPolicy: "Ignore",
				},
			],
			hostPorts: [
				{ ip: "0.0.0.0", protocol: "TCP", port: 81 },
				{ ip: "10.0.0.1", protocol: "TCP", port: 90 },
			],
			volumeClaims: ["db", "api-5d4f-x1-scratch"],
		});
	});
});
