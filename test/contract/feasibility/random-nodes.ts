import fc from "fast-check";
import { KUBELET_LABEL } from "../../cluster/stages.ts";

export const ZONE = "topology.kubernetes.io/zone";
export const REGION = "topology.kubernetes.io/region";
export const HOSTNAME = "kubernetes.io/hostname";
export const GPU = "example.com/gpu";

/** The value in so many percent of the cases, else `undefined`. */
export function sometimes<T>(percent: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
	return fc.oneof(
		{ weight: percent, arbitrary: value },
		{ weight: 100 - percent, arbitrary: fc.constant<T | undefined>(undefined) },
	);
}

const taint = fc.record({
	key: fc.constantFrom("dedicated", "gpu", "old"),
	value: fc.constantFrom("a", "b", ""),
	effect: fc.constantFrom("NoSchedule", "NoSchedule", "PreferNoSchedule", "NoExecute"),
});

const nodeTraits = fc.record({
	zone: sometimes(85, fc.constantFrom("z1", "z2", "z3")),
	region: sometimes(40, fc.constantFrom("r1", "r2")),
	tier: sometimes(75, fc.constantFrom("edge", "cloud")),
	cores: sometimes(70, fc.constantFrom("4", "8", "16", "x16", "9007199254740993")),
	hasHostname: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
	taints: fc.oneof(
		{ weight: 2, arbitrary: fc.constant([]) },
		{
			weight: 1,
			arbitrary: fc.uniqueArray(taint, {
				minLength: 1,
				maxLength: 2,
				selector: ({ key, effect }) => key + effect,
			}),
		},
	),
	unschedulable: sometimes(12, fc.constant(true)),
	kubelet: fc.oneof({ weight: 7, arbitrary: fc.constant("running") }, { weight: 1, arbitrary: fc.constant("stopped") }),
	allocatable: fc.record({
		cpu: fc.constantFrom("2500m", "16", "16", "64"),
		memory: fc.constantFrom("3Gi", "64Gi", "64Gi"),
		pods: fc.constantFrom("3", "110", "110", "110", "110"),
		"ephemeral-storage": sometimes(80, fc.constantFrom("10Gi", "100Gi")),
		[GPU]: sometimes(60, fc.constantFrom("0", "1", "4")),
		"hugepages-2Mi": sometimes(50, fc.constantFrom("64Mi", "1Gi")),
	}),
});

/** Node objects `n0`, `n1` ...; without a kubelet they have never been Ready. */
export function randomNodes(count: number, seed: number): object[] {
	return fc.sample(nodeTraits, { seed, numRuns: count }).map((traits, index) => {
		const name = `n${index}`;
		const { zone, region, tier, cores, kubelet, allocatable } = traits;
		return {
			apiVersion: "v1",
			kind: "Node",
			metadata: {
				name,
				labels: {
					[HOSTNAME]: traits.hasHostname ? name : undefined,
					[ZONE]: zone,
					[REGION]: region,
					tier,
					cores,
					[KUBELET_LABEL]: kubelet,
				},
			},
			spec: { taints: traits.taints, unschedulable: traits.unschedulable },
			status: {
				capacity: allocatable,
				allocatable,
				conditions: kubelet === "running" ? [] : [{ type: "Ready", status: "False", reason: "KubeletNotReady" }],
			},
		};
	});
}
