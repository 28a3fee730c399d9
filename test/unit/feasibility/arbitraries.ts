import * as fc from "fast-check";
import { HOSTNAME_KEY, type Node } from "../../../src/core/cluster/node.ts";
import type { Pod, PodAffinityTerm, SchedulingSpec, TopologySpreadConstraint } from "../../../src/core/cluster/pod.ts";
import type { FeasibilityContext, PodToPlace } from "../../../src/core/feasibility/pod-to-place.ts";
import { GIB, node, pod, scheduling } from "../cluster-core/builders.ts";
import { ZONE } from "./support.ts";

/** Small worlds in which most rules bite now and then. */

export const NAMES = ["a", "b", "c", "d", "e"];
const APPS = ["web", "db"];

const nodeName = fc.constantFrom(...NAMES);
const labels = fc.record({ app: fc.constantFrom(...APPS) });
const selector = fc.oneof(fc.record({ matchLabels: labels }), fc.constant({}));
const topologyKey = fc.constantFrom(ZONE, HOSTNAME_KEY);

function rarely<T>(value: fc.Arbitrary<T>, otherwise: T): fc.Arbitrary<T> {
	return fc.oneof({ weight: 1, arbitrary: value }, { weight: 4, arbitrary: fc.constant(otherwise) });
}

const taints = rarely(
	fc.array(
		fc.record({
			key: fc.constantFrom("gpu", "old"),
			value: fc.constantFrom("", "x"),
			effect: fc.constantFrom("NoSchedule", "PreferNoSchedule", "NoExecute"),
		}),
		{ maxLength: 2 },
	),
	[],
);

export const someNode: fc.Arbitrary<Node> = fc
	.record({
		name: nodeName,
		zone: fc.constantFrom("z1", "z2", undefined),
		tier: fc.constantFrom("edge", "cloud"),
		taints,
		unschedulable: rarely(fc.constant(true), false),
		ready: rarely(fc.constant(false), true),
		allocatable: fc.record({
			cpu: fc.constantFrom(0.3, 2, 8),
			memory: fc.constantFrom(GIB, 16 * GIB),
			pods: fc.constantFrom(2, 110),
		}),
	})
	.map(({ name, zone, tier, ...rest }) =>
		node(name, { ...rest, labels: zone === undefined ? { tier } : { tier, [ZONE]: zone } }),
	);

const term: fc.Arbitrary<PodAffinityTerm> = fc.record({
	topologyKey,
	labelSelector: selector,
	namespaces: fc.constant([]),
	namespaceSelector: fc.constantFrom(undefined, {}),
});

const spread: fc.Arbitrary<TopologySpreadConstraint> = fc.record({
	topologyKey,
	maxSkew: fc.constantFrom(1, 2),
	minDomains: fc.constantFrom(undefined, 3),
	whenUnsatisfiable: fc.constantFrom("DoNotSchedule", "ScheduleAnyway"),
	labelSelector: selector,
	nodeAffinityPolicy: fc.constantFrom("Honor", "Ignore"),
	nodeTaintsPolicy: fc.constantFrom("Honor", "Ignore"),
});

const someScheduling: fc.Arbitrary<SchedulingSpec> = fc
	.record({
		requests: fc.record({ cpu: fc.constantFrom(0, 0.1, 1), memory: fc.constantFrom(0, GIB) }),
		cpuLimit: fc.constant(undefined),
		nodeSelector: rarely(
			fc.constantFrom<Record<string, string>>({ tier: "edge" }, { [HOSTNAME_KEY]: "a" }, { [ZONE]: "z1" }),
			{},
		),
		nodeAffinity: rarely<SchedulingSpec["nodeAffinity"]>(
			fc.constantFrom(
				[{ matchExpressions: [{ key: "tier", operator: "NotIn" as const, values: ["edge"] }] }],
				[{ matchFields: [{ key: "metadata.name", operator: "In" as const, values: ["b"] }] }],
			),
			undefined,
		),
		podAffinity: rarely<readonly PodAffinityTerm[]>(fc.tuple(term), []),
		podAntiAffinity: rarely<readonly PodAffinityTerm[]>(fc.tuple(term), []),
		tolerations: rarely(
			fc.constantFrom<SchedulingSpec["tolerations"]>(
				[{ key: undefined, operator: "Exists", value: "", effect: undefined }],
				[{ key: "gpu", operator: "Equal", value: "x", effect: "NoSchedule" }],
			),
			[],
		),
		topologySpread: rarely<readonly TopologySpreadConstraint[]>(fc.tuple(spread), []),
		hostPorts: rarely<SchedulingSpec["hostPorts"]>(
			fc.tuple(fc.record({ ip: fc.constant("0.0.0.0"), protocol: fc.constant("TCP"), port: fc.constant(80) })),
			[],
		),
		volumeClaims: rarely<readonly string[]>(fc.constantFrom(["zonal"], ["exclusive"], ["missing"]), []),
	})
	.map(scheduling);

/** Pods `p0` to `p9`, some of them of the workload `shop/web`. */
export const somePod: fc.Arbitrary<Pod> = fc
	.record({
		index: fc.nat(9),
		nodeName,
		labels,
		namespace: fc.constantFrom("shop", "other"),
		terminating: rarely(fc.constant(true), false),
		phase: fc.constantFrom("Running", "Running", "Pending", "Succeeded"),
		scheduling: someScheduling,
	})
	.map(({ index, ...changes }) => pod(`p${index}`, changes));

export const somePodToPlace: fc.Arbitrary<PodToPlace> = fc.record({
	namespace: fc.constant("shop"),
	labels,
	scheduling: someScheduling,
	workload: fc.constantFrom("shop/web", undefined),
	replacing: fc.uniqueArray(fc.nat(9), { maxLength: 2 }).map((uids) => new Set(uids.map((index) => `uid-p${index}`))),
});

export const someLimits: fc.Arbitrary<
	Pick<FeasibilityContext, "candidates" | "topologyKey" | "ignoreNodeSelectorKey" | "quarantined">
> = fc.record({
	candidates: rarely<FeasibilityContext["candidates"]>(fc.constant({ matchLabels: { tier: "edge" } }), {}),
	topologyKey,
	ignoreNodeSelectorKey: fc.constantFrom(undefined, HOSTNAME_KEY),
	quarantined: rarely<ReadonlySet<string> | undefined>(fc.constantFrom(new Set(["a"]), new Set(["z1"])), undefined),
});
