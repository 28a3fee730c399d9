import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PodIndex } from "../../../src/adapters/kubernetes/pod-index.ts";
import type { Node } from "../../../src/core/cluster/node.ts";
import type { Pod } from "../../../src/core/cluster/pod.ts";
import { feasibilityChecker } from "../../../src/core/feasibility/checker.ts";
import { feasibilityColumn } from "../../../src/core/feasibility/column.ts";
import type { FeasibilityContext, PodToPlace } from "../../../src/core/feasibility/pod-to-place.ts";
import type { Verdict } from "../../../src/core/feasibility/verdict.ts";
import { Ledger } from "../../../src/core/features/ledger.ts";
import { volumeClaim } from "../cluster-core/builders.ts";
import { NAMES, someLimits, someNode, somePod, somePodToPlace } from "./arbitraries.ts";
import { ZONE } from "./support.ts";

/** A cluster as the caches keep it: the same maps for good, and what is in them changes. */
class LiveCluster {
	readonly nodes = new Map<string, Node>();
	readonly pods = new PodIndex();
	readonly ledger = new Ledger();
	readonly revisions: { nodes: number; pods: number } = { nodes: 0, pods: 0 };
	private readonly counts: boolean;

	/** @param counts whether it has revisions */
	constructor(counts: boolean) {
		this.counts = counts;
	}

	context(limits: Pick<FeasibilityContext, "candidates" | "topologyKey">): FeasibilityContext {
		this.revisions.pods = this.pods.revision;
		return {
			...limits,
			ledger: this.ledger,
			cluster: {
				nodes: this.nodes,
				pods: this.pods.byUid,
				podsByNode: this.pods.byNode,
				podRevisions: this.counts ? this.pods.revisions : undefined,
				revisions: this.counts ? this.revisions : undefined,
				podsWithAntiAffinity: this.counts ? this.pods.withAntiAffinity : undefined,
				namespaces: new Map(),
				volumeClaims: new Map([
					["shop/zonal", volumeClaim("zonal", { zones: [{ key: ZONE, values: ["z1"] }] })],
					["shop/exclusive", volumeClaim("exclusive", { singlePod: true })],
				]),
			},
		};
	}
}

type Change = (cluster: LiveCluster) => void;

const nodeName = fc.constantFrom(...NAMES);
const reservationId = fc.constantFrom("move/shop/web", "move/shop/db", "uid-p1", "uid-p2");

const change: fc.Arbitrary<Change> = fc.oneof(
	someNode.map((node) => (cluster: LiveCluster) => {
		cluster.nodes.set(node.name, node);
		cluster.revisions.nodes += 1;
	}),
	nodeName.map((name) => (cluster: LiveCluster) => {
		cluster.nodes.delete(name);
		cluster.revisions.nodes += 1;
	}),
	somePod.map((pod) => (cluster: LiveCluster) => cluster.pods.replace(cluster.pods.byUid.get(pod.uid), pod)),
	fc.nat(9).map((index) => (cluster: LiveCluster) => {
		const pod: Pod | undefined = cluster.pods.byUid.get(`uid-p${index}`);
		if (pod) cluster.pods.replace(pod, undefined);
	}),
	fc.tuple(reservationId, nodeName).map(([id, node]) => (cluster: LiveCluster) => {
		const requests = { cpu: 1, pods: 1 };
		cluster.ledger.reserve({ id, workload: "shop/web", node, requests, cpuCores: 1, createdAt: 0 });
	}),
	reservationId.map((id) => (cluster: LiveCluster) => cluster.ledger.release(id)),
	fc.tuple(reservationId, reservationId, nodeName).map(([from, id, node]) => (cluster: LiveCluster) => {
		cluster.ledger.transfer(from, { id, node });
	}),
);

const changes = fc.array(change, { minLength: 1, maxLength: 12 });

function byChecker(pod: PodToPlace, context: FeasibilityContext, names: readonly string[]): (Verdict | undefined)[] {
	const check = feasibilityChecker(pod, context);
	return names.map((name) => {
		const node = context.cluster.nodes.get(name);
		return node && check(node);
	});
}

function byColumn(pod: PodToPlace, context: FeasibilityContext, names: readonly string[]): Verdict[] {
	const column = feasibilityColumn(pod, context, names);
	return names.map((_, index) => {
		expect(column.isFeasible(index)).toBe(column.verdict(index).feasible);
		return column.verdict(index);
	});
}

describe("feasibilityColumn", () => {
	it("says what the checker says, whatever changed since it was asked last", () => {
		const asked = fc.tuple(changes, somePodToPlace, someLimits);
		fc.assert(
			fc.property(fc.boolean(), fc.array(asked, { minLength: 1, maxLength: 5 }), (counts, rounds) => {
				const cluster = new LiveCluster(counts);
				for (const [made, pod, limits] of rounds) {
					for (const make of made) make(cluster);
					const context = cluster.context(limits);
					const gone = { feasible: false, reason: "NodeNotReady", message: "node(s) are gone" };
					const expected = byChecker(pod, context, NAMES).map((verdict) => verdict ?? gone);
					expect(byColumn(pod, context, NAMES)).toEqual(expected);
				}
			}),
			{ numRuns: 1500 },
		);
	});

	it("names a reason for every node that it refuses", () => {
		fc.assert(
			fc.property(changes, somePodToPlace, someLimits, (made, pod, limits) => {
				const cluster = new LiveCluster(true);
				for (const make of made) make(cluster);
				for (const verdict of byColumn(pod, cluster.context(limits), NAMES)) {
					if (!verdict.feasible)
						expect(verdict).toMatchObject({ reason: expect.stringMatching(/./), message: expect.stringMatching(/./) });
				}
			}),
		);
	});

	it("does not depend on the order of nodes or pods", () => {
		const world = fc.record({
			nodes: fc.uniqueArray(someNode, { selector: ({ name }) => name }),
			pods: fc.uniqueArray(somePod, { selector: ({ uid }) => uid }),
		});
		fc.assert(
			fc.property(world, somePodToPlace, someLimits, ({ nodes, pods }, pod, limits) => {
				const cluster = new LiveCluster(true);
				const reversed = new LiveCluster(true);
				for (const node of nodes) cluster.nodes.set(node.name, node);
				for (const node of nodes.toReversed()) reversed.nodes.set(node.name, node);
				for (const one of pods) cluster.pods.replace(undefined, one);
				for (const one of pods.toReversed()) reversed.pods.replace(undefined, one);
				const verdicts = byColumn(pod, cluster.context(limits), NAMES);
				const backwards = byColumn(pod, reversed.context(limits), NAMES.toReversed());
				expect(backwards.toReversed()).toEqual(verdicts);
			}),
		);
	});
});
