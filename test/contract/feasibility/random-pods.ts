import fc from "fast-check";
import { GPU, HOSTNAME, REGION, sometimes, ZONE } from "./random-nodes.ts";
import { CLAIMS } from "./storage.ts";

export const NAMESPACES = { a: { team: "core" }, b: { team: "edge" }, c: {} } as const;

const app = fc.constantFrom("web", "db", "cache");
const labels = fc.record({
	app,
	version: sometimes(70, fc.constantFrom("1", "2")),
	color: sometimes(60, fc.constantFrom("red", "blue")),
});

const labelSelector = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ matchLabels: fc.record({ app }) }) },
	{ weight: 1, arbitrary: fc.constant({}) },
	{
		weight: 3,
		arbitrary: fc.record({
			matchExpressions: fc.array(
				fc.oneof(
					fc.record({
						key: fc.constant("app"),
						operator: fc.constantFrom("In", "NotIn"),
						values: fc.uniqueArray(app, { minLength: 1, maxLength: 2 }),
					}),
					fc.record({ key: fc.constantFrom("app", "tier"), operator: fc.constantFrom("Exists", "DoesNotExist") }),
				),
				{ minLength: 1, maxLength: 2 },
			),
		}),
	},
);

const topologyKey = fc.constantFrom(ZONE, ZONE, HOSTNAME, REGION);

const podAffinityTerm = fc
	.record({
		topologyKey,
		labelSelector: sometimes(92, labelSelector),
		namespaces: sometimes(30, fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 2 })),
		namespaceSelector: sometimes(
			25,
			fc.constantFrom<object>({}, { matchLabels: { team: "core" } }, { matchLabels: { team: "edge" } }),
		),
		matchLabelKeys: sometimes(15, fc.constant(["version"])),
		mismatchLabelKeys: sometimes(15, fc.constant(["color"])),
	})
	.map((term) => (term.labelSelector ? term : { ...term, matchLabelKeys: undefined, mismatchLabelKeys: undefined }));

function required(term: fc.Arbitrary<unknown>, percent: number): fc.Arbitrary<unknown> {
	return sometimes(
		percent,
		fc.record({ requiredDuringSchedulingIgnoredDuringExecution: fc.array(term, { minLength: 1, maxLength: 2 }) }),
	);
}

const nodeRequirement = fc.oneof(
	fc.record({
		key: fc.constantFrom("tier", ZONE, "cores"),
		operator: fc.constantFrom("In", "NotIn"),
		values: fc.uniqueArray(fc.constantFrom("edge", "cloud", "z1", "z2", "4", "16"), { minLength: 1, maxLength: 3 }),
	}),
	fc.record({ key: fc.constantFrom("tier", ZONE, REGION), operator: fc.constantFrom("Exists", "DoesNotExist") }),
	fc.record({
		key: fc.constantFrom("cores", "cores", "tier"),
		operator: fc.constantFrom("Gt", "Lt"),
		values: fc.constantFrom(["5"], ["8"], ["9007199254740992"], ["0"], ["99999999999999999999"]),
	}),
);

const nodeName = fc.integer({ min: 0, max: 11 }).map((index) => `n${index}`);
const fieldRequirement = fc.record({
	key: fc.constant("metadata.name"),
	operator: fc.constantFrom("In", "NotIn", "NotIn"),
	values: fc.tuple(nodeName),
});

const nodeSelectorTerm = fc.oneof(
	{
		weight: 7,
		arbitrary: fc.record({ matchExpressions: fc.array(nodeRequirement, { minLength: 1, maxLength: 2 }) }),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			matchExpressions: sometimes(50, fc.tuple(nodeRequirement)),
			matchFields: fc.array(fieldRequirement, { minLength: 1, maxLength: 2 }),
		}),
	},
	{ weight: 1, arbitrary: fc.constant({}) },
);

const nodeAffinity = fc.record({
	requiredDuringSchedulingIgnoredDuringExecution: fc.record({
		nodeSelectorTerms: fc.array(nodeSelectorTerm, { minLength: 1, maxLength: 2 }),
	}),
});

const effect = sometimes(60, fc.constantFrom("NoSchedule", "NoExecute", "PreferNoSchedule"));
const toleration = fc.oneof(
	fc.record({
		key: fc.constantFrom("dedicated", "gpu", "old"),
		operator: fc.constantFrom("Equal", undefined),
		value: fc.constantFrom("a", "b", ""),
		effect,
	}),
	fc.record({
		key: fc.constantFrom("dedicated", "gpu", "node.kubernetes.io/unschedulable", "node.kubernetes.io/not-ready"),
		operator: fc.constant("Exists"),
		effect,
	}),
	fc.record({ operator: fc.constant("Exists"), effect }),
);

const topologySpread = fc
	.record({
		topologyKey,
		maxSkew: fc.integer({ min: 1, max: 3 }),
		whenUnsatisfiable: fc.constantFrom("DoNotSchedule", "DoNotSchedule", "DoNotSchedule", "ScheduleAnyway"),
		minDomains: sometimes(35, fc.integer({ min: 1, max: 5 })),
		labelSelector: sometimes(92, labelSelector),
		nodeAffinityPolicy: sometimes(50, fc.constantFrom("Honor", "Ignore")),
		nodeTaintsPolicy: sometimes(50, fc.constantFrom("Honor", "Ignore")),
		matchLabelKeys: sometimes(25, fc.constant(["version"])),
	})
	.map((constraint) => ({
		...constraint,
		minDomains: constraint.whenUnsatisfiable === "DoNotSchedule" ? constraint.minDomains : undefined,
		matchLabelKeys: constraint.labelSelector ? constraint.matchLabelKeys : undefined,
	}));

const port = fc.record({
	containerPort: fc.constantFrom(80, 81),
	protocol: fc.constantFrom("TCP", "UDP"),
	hostIP: fc.constantFrom<string | undefined>(undefined, "0.0.0.0", "10.0.0.1", "10.0.0.2"),
});

const requests = fc.record({
	cpu: sometimes(80, fc.constantFrom("100m", "100m", "500m", "1", "3")),
	memory: sometimes(70, fc.constantFrom("128Mi", "128Mi", "1Gi", "1500m", "7Gi")),
	"ephemeral-storage": sometimes(20, fc.constantFrom("1Gi", "8Gi")),
});
/** These may not be overcommitted: the limit is the request. */
const whole = fc.record({
	[GPU]: sometimes(10, fc.constantFrom("0", "1", "2")),
	"hugepages-2Mi": sometimes(10, fc.constantFrom("32Mi", "128Mi")),
});

const resources = fc.record({ own: requests, whole, byLimits: fc.boolean() }).map(({ own, whole: exact, byLimits }) => {
	const cpu = exact["hugepages-2Mi"] === undefined ? own.cpu : (own.cpu ?? "100m");
	const all = { ...own, cpu, ...exact };
	return byLimits ? { limits: all } : { requests: all, limits: exact };
});

const initContainer = fc.record({ resources, restartPolicy: sometimes(50, fc.constant("Always")) });

const podTraits = fc.record({
	namespace: fc.constantFrom("a", "a", "b", "c"),
	labels,
	nodeSelector: sometimes(
		15,
		fc.constantFrom<object>({ tier: "edge" }, { [ZONE]: "z2" }, { tier: "cloud", [ZONE]: "z1" }),
	),
	nodeAffinity: sometimes(25, nodeAffinity),
	podAffinity: required(podAffinityTerm, 15),
	podAntiAffinity: required(podAffinityTerm, 15),
	tolerations: sometimes(60, fc.array(toleration, { minLength: 1, maxLength: 3 })),
	topologySpread: sometimes(
		35,
		fc.uniqueArray(topologySpread, {
			minLength: 1,
			maxLength: 2,
			selector: (constraint) => constraint.topologyKey + constraint.whenUnsatisfiable,
		}),
	),
	containers: fc.array(fc.record({ resources }), { minLength: 1, maxLength: 2 }),
	initContainers: sometimes(25, fc.array(initContainer, { minLength: 1, maxLength: 3 })),
	port: sometimes(25, port),
	network: fc.constantFrom("pod", "pod", "host port", "host port", "host"),
	podResources: sometimes(
		8,
		fc.constantFrom<object>(
			{ requests: { cpu: "14" } },
			{ limits: { memory: "60Gi" } },
			{ requests: { memory: "50Gi" }, limits: { cpu: "15", memory: "60Gi" } },
		),
	),
	runtimeClassName: sometimes(8, fc.constant("sandboxed")),
	claim: sometimes(25, fc.constantFrom(...CLAIMS)),
});

type PodTraits = typeof podTraits extends fc.Arbitrary<infer T> ? T : never;

export interface RandomPod {
	readonly namespace: string;
	readonly labels: Readonly<Record<string, string | undefined>>;
	readonly spec: Readonly<Record<string, unknown>>;
}

function podOf(traits: PodTraits): RandomPod {
	const { network } = traits;
	const hostPort = network === "host port" ? traits.port?.containerPort : undefined;
	const ports = traits.port && [{ ...traits.port, hostPort }];
	const containers = traits.containers.map((container, index) => ({
		...container,
		name: `c${index}`,
		image: "x",
		ports: index === 0 ? ports : undefined,
	}));
	return {
		namespace: traits.namespace,
		labels: traits.labels,
		spec: {
			nodeSelector: traits.nodeSelector,
			affinity: {
				nodeAffinity: traits.nodeAffinity,
				podAffinity: traits.podAffinity,
				podAntiAffinity: traits.podAntiAffinity,
			},
			tolerations: traits.tolerations,
			topologySpreadConstraints: traits.topologySpread,
			hostNetwork: network === "host" && traits.port !== undefined ? true : undefined,
			containers,
			initContainers: traits.initContainers?.map((one, index) => ({ ...one, name: `i${index}`, image: "x" })),
			resources: traits.podResources,
			runtimeClassName: traits.runtimeClassName,
			volumes:
				traits.namespace === "a" && traits.claim !== undefined
					? [{ name: "data", persistentVolumeClaim: { claimName: traits.claim } }]
					: undefined,
		},
	};
}

/** Pods of every kind that the scheduler distinguishes. */
export function randomPods(count: number, seed: number): RandomPod[] {
	return fc.sample(podTraits, { seed, numRuns: count }).map(podOf);
}
