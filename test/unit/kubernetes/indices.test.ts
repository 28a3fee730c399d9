import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClaimIndex } from "../../../src/adapters/kubernetes/claim-index.ts";
import { Collection } from "../../../src/adapters/kubernetes/collection.ts";
import { Interner } from "../../../src/adapters/kubernetes/interner.ts";
import { SILENT } from "../../../src/adapters/kubernetes/log.ts";
import { PodIndex } from "../../../src/adapters/kubernetes/pod-index.ts";
import { parsePod } from "../../../src/api/kubernetes/pod.ts";
import type { Claim, Volume } from "../../../src/api/kubernetes/volume.ts";
import { occupiesNode, type Pod } from "../../../src/core/cluster/pod.ts";

interface Given {
	readonly name: string;
	readonly node: string;
	readonly phase: string;
	readonly app: string;
	readonly guarded: boolean;
}

function wire({ name, node, phase, app, guarded }: Given) {
	const terms = [{ topologyKey: "kubernetes.io/hostname", labelSelector: {} }];
	return {
		metadata: {
			namespace: "shop",
			name,
			uid: `uid-${name}`,
			labels: { "pod-template-hash": "h" },
			ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: `${app}-h`, controller: true }],
		},
		spec: {
			nodeName: node,
			affinity: guarded ? { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } : undefined,
		},
		status: { phase },
	};
}

const given = fc.record({
	name: fc.constantFrom("a", "b", "c", "d"),
	node: fc.constantFrom("", "n1", "n2"),
	phase: fc.constantFrom("Pending", "Running", "Succeeded"),
	app: fc.constantFrom("api", "web"),
	guarded: fc.boolean(),
});

function grouped(pods: readonly Pod[], by: (pod: Pod) => string | undefined): Map<string, Set<Pod>> {
	const groups = new Map<string, Set<Pod>>();
	for (const pod of pods) {
		const key = by(pod);
		if (key !== undefined) groups.set(key, (groups.get(key) ?? new Set()).add(pod));
	}
	return groups;
}

describe("PodIndex", () => {
	it("is what grouping all pods anew would give, after any changes", () => {
		const change = fc.oneof(given, fc.constantFrom("a", "b", "c", "d"));
		fc.assert(
			fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
				const index = new PodIndex();
				const collection = new Collection<Pod>({
					parse: parsePod,
					log: SILENT,
					onChange: (_, before, after) => index.replace(before, after),
				});
				for (const change of changes) {
					if (typeof change === "string") collection.remove(change);
					else collection.put(change.name, wire(change));
				}
				const pods = [...collection.items.values()];
				const placed = pods.filter(occupiesNode);
				expect(index.byUid).toEqual(new Map(pods.map((pod) => [pod.uid, pod])));
				expect(index.byNode).toEqual(grouped(placed, ({ nodeName }) => nodeName));
				expect(index.byWorkload).toEqual(grouped(pods, ({ workload }) => workload));
				expect(index.withAntiAffinity).toEqual(
					new Set(placed.filter((pod) => pod.scheduling.podAntiAffinity.length > 0)),
				);
			}),
		);
	});
});

describe("Collection", () => {
	it("drops an object that became unreadable, and tells once", () => {
		const lines: string[] = [];
		const log = { ...SILENT, warn: (fields: object) => void lines.push(JSON.stringify(fields)) };
		const collection = new Collection<Pod>({ parse: parsePod, log });
		const pod = wire({ name: "a", node: "n1", phase: "Running", app: "api", guarded: false });
		collection.put("shop/a", pod);
		expect(collection.items.size).toBe(1);
		const broken = { ...pod, spec: { tolerations: 7 } };
		collection.put("shop/a", broken);
		collection.put("shop/a", broken);
		expect(collection.items.size).toBe(0);
		expect([...collection.keys()]).toEqual(["shop/a"]);
		expect(lines).toEqual([expect.stringContaining("Pod shop/a is invalid: spec.tolerations: ")]);
		collection.put("shop/a", pod);
		expect(collection.problems.size).toBe(0);
	});
});

describe("Interner", () => {
	it("shares what replicas have in common", () => {
		const interner = new Interner();
		const [a, b] = ["a", "b"].map((name) =>
			interner.sharedPod(parsePod(wire({ name, node: "n1", phase: "Running", app: "api", guarded: true }))),
		);
		if (!a?.ok || !b?.ok) throw new Error("not read");
		expect(a.value.scheduling).toBe(b.value.scheduling);
		expect(a.value.name).not.toBe(b.value.name);
	});
});

describe("ClaimIndex", () => {
	const storage = { storageClass: "disks", size: 1, accessModes: ["ReadWriteOnce"], volumeMode: "Filesystem" };
	const claim: Claim = {
		...storage,
		namespace: "shop",
		name: "db",
		volumeName: "disk",
		prebound: false,
		selector: undefined,
		refusal: undefined,
		singleNode: true,
		singlePod: false,
	};
	const inZone = (zone: string) => [{ matchExpressions: [{ key: "zone", operator: "In", values: [zone] }] }] as const;
	const nodeAffinity = inZone("a");
	const zones = [{ key: "zone", values: ["a"] }];
	const volume: Volume = {
		...storage,
		name: "disk",
		labels: {},
		nodeAffinity,
		zones,
		available: true,
		claim: undefined,
	};

	it("joins claim and volume in either order, and takes nothing for granted before", () => {
		const index = new ClaimIndex();
		index.setClaim("shop/db", claim);
		expect(index.claims.get("shop/db")).toMatchObject({ bound: true, nodeAffinity: [] });
		index.setVolume("disk", volume);
		expect(index.claims.get("shop/db")).toMatchObject({ bound: true, nodeAffinity, zones });
		index.setVolume("disk", { ...volume, nodeAffinity: undefined });
		expect(index.claims.get("shop/db")?.nodeAffinity).toBeUndefined();
		index.setClaim("shop/db", undefined);
		expect(index.claims.size).toBe(0);
	});

	it("knows where a claim can be bound that waits for a node, and that others must be bound already", () => {
		const index = new ClaimIndex();
		const waiting = { ...claim, volumeName: undefined };
		const disks = { name: "disks", waitsForNode: true, provisions: false, allowedTopologies: undefined };
		const found = () => index.claims.get("shop/db");
		const refusal = "pod has unbound immediate PersistentVolumeClaims";
		index.setClaim("shop/db", waiting);
		expect(found()).toMatchObject({ bound: false, refusal });
		index.setClass("disks", disks);
		expect(found()).toMatchObject({ bound: false, refusal: undefined, nodeAffinity: [] });
		index.setVolume("disk", volume);
		expect(found()?.nodeAffinity).toEqual(nodeAffinity);
		index.setClass("disks", { ...disks, provisions: true, allowedTopologies: inZone("b") });
		expect(found()?.nodeAffinity).toEqual([...inZone("a"), ...inZone("b")]);
		index.setClass("disks", { ...disks, provisions: true });
		expect(found()?.nodeAffinity).toBeUndefined();
		index.setClaim("shop/db", { ...waiting, prebound: true });
		expect(found()).toMatchObject({ refusal });
	});

	it.each([
		["another claim's", { claim: "shop/other" }],
		["too small", { size: 0.5 }],
		["of another class", { storageClass: "other" }],
		["of another mode", { volumeMode: "Block" }],
		["not writable", { accessModes: ["ReadOnlyMany"] }],
		["not available", { available: false }],
	])("binds no volume that is %s", (_title, difference) => {
		const index = new ClaimIndex();
		index.setClass("disks", { name: "disks", waitsForNode: true, provisions: false, allowedTopologies: undefined });
		index.setVolume("disk", { ...volume, ...difference });
		index.setClaim("shop/db", { ...claim, volumeName: undefined });
		expect(index.claims.get("shop/db")?.nodeAffinity).toEqual([]);
	});
});
