import { describe, expect, it } from "vitest";
import { parseDisruptionBudget } from "../../../../src/api/kubernetes/disruption-budget.ts";
import { parseNode } from "../../../../src/api/kubernetes/node.ts";
import { parseStorageClass } from "../../../../src/api/kubernetes/storage-class.ts";
import { parseClaim, parseVolume } from "../../../../src/api/kubernetes/volume.ts";
import { selects } from "../../../../src/core/cluster/selectors.ts";
import { read } from "./read.ts";

describe("parseNode", () => {
	it("is not ready until it says so", () => {
		expect(read(parseNode, { metadata: { name: "n1" } })).toEqual({
			name: "n1",
			labels: {},
			taints: [],
			unschedulable: false,
			ready: false,
			allocatable: {},
		});
	});

	it("reads what placement needs", () => {
		expect(
			read(parseNode, {
				metadata: { name: "n1", labels: { zone: "a" } },
				spec: { unschedulable: true, taints: [{ key: "edge", effect: "NoExecute" }] },
				status: { allocatable: { cpu: "3920m" }, conditions: [{ type: "Ready", status: "True" }] },
			}),
		).toEqual({
			name: "n1",
			labels: { zone: "a" },
			taints: [{ key: "edge", value: "", effect: "NoExecute" }],
			unschedulable: true,
			ready: true,
			allocatable: { cpu: 3.92 },
		});
	});
});

describe("parseDisruptionBudget", () => {
	const metadata = { namespace: "shop", name: "api", generation: 2 };

	it("allows nothing while its status is out of date", () => {
		const status = { disruptionsAllowed: 1, observedGeneration: 1 };
		expect(read(parseDisruptionBudget, { metadata, spec: { selector: {} }, status }).disruptionsAllowed).toBe(0);
		const current = { disruptionsAllowed: 1, observedGeneration: 2 };
		expect(read(parseDisruptionBudget, { metadata, spec: { selector: {} }, status: current }).disruptionsAllowed).toBe(
			1,
		);
	});

	it("selects no pods without a selector and all with an empty one", () => {
		expect(selects(read(parseDisruptionBudget, { metadata, spec: {} }).selector, { app: "api" })).toBe(false);
		expect(selects(read(parseDisruptionBudget, { metadata, spec: { selector: {} } }).selector, { app: "api" })).toBe(
			true,
		);
	});
});

describe("parseClaim", () => {
	function claim(accessModes: readonly string[], phase: string) {
		return read(parseClaim, {
			metadata: { namespace: "shop", name: "db" },
			spec: { accessModes, volumeName: "v" },
			status: { phase },
		});
	}

	it("has a volume only when bound", () => {
		expect(claim(["ReadWriteOnce"], "Bound")).toMatchObject({ volumeName: "v", singleNode: true });
		expect(claim(["ReadWriteMany"], "Pending")).toMatchObject({ volumeName: undefined, singleNode: false });
	});
});

describe("parseVolume", () => {
	it("reads where it can be mounted", () => {
		const nodeSelectorTerms = [{ matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] }];
		const labels = { "topology.kubernetes.io/zone": "a__b" };
		const volume = read(parseVolume, {
			metadata: { name: "v", labels },
			spec: {
				capacity: { storage: "1Gi" },
				claimRef: { namespace: "shop", name: "db" },
				nodeAffinity: { required: { nodeSelectorTerms } },
			},
			status: { phase: "Available" },
		});
		expect(volume).toEqual({
			name: "v",
			labels,
			storageClass: "",
			size: 2 ** 30,
			accessModes: [],
			volumeMode: "Filesystem",
			nodeAffinity: nodeSelectorTerms,
			zones: [{ key: "topology.kubernetes.io/zone", values: ["a", "b"] }],
			available: true,
			claim: "shop/db",
		});
		expect(read(parseVolume, { metadata: { name: "v" }, spec: {} }).nodeAffinity).toBeUndefined();
	});
});

describe("parseStorageClass", () => {
	it("reads whether and where it makes volumes", () => {
		const given = { metadata: { name: "c" }, provisioner: "example.com/maker" };
		expect(read(parseStorageClass, given)).toEqual({
			name: "c",
			waitsForNode: false,
			provisions: true,
			allowedTopologies: undefined,
		});
		const allowedTopologies = [{ matchLabelExpressions: [{ key: "zone", values: ["a"] }] }];
		expect(
			read(parseStorageClass, {
				...given,
				provisioner: "kubernetes.io/no-provisioner",
				volumeBindingMode: "WaitForFirstConsumer",
				allowedTopologies,
			}),
		).toMatchObject({
			waitsForNode: true,
			provisions: false,
			allowedTopologies: [{ matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] }],
		});
	});
});
