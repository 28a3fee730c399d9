import { ZONE } from "./random-nodes.ts";

const inZone1 = { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: "In", values: ["z1"] }] }] };

interface VolumeTraits {
	readonly labels?: Readonly<Record<string, string>>;
	readonly nodeAffinity?: object;
	readonly accessMode?: string;
}

/** Volumes by the name of the claim of namespace `a` that they are bound to. */
const VOLUMES: Readonly<Record<string, VolumeTraits>> = {
	anywhere: {},
	"affine-to-z1": { nodeAffinity: { required: inZone1 } },
	"labelled-z2": { labels: { [ZONE]: "z2" } },
	"labelled-beta": { labels: { "failure-domain.beta.kubernetes.io/zone": "z1__z3" } },
	"used-once": { accessMode: "ReadWriteOncePod" },
	"unused-once": { accessMode: "ReadWriteOncePod" },
};

const BOUND = Object.keys(VOLUMES);

/** Claims that are not bound, by name, with their class. */
const UNBOUND = {
	immediate: "by-hand",
	"made-anywhere": "made",
	"made-in-z1": "made-in-z1",
	local: "local",
	"local-too-large": "local",
} as const;

/** Claims that pods use; `missing` does not exist. */
export const CLAIMS: readonly string[] = [...BOUND, ...Object.keys(UNBOUND), "missing"];

/** The claim that a running pod holds alone. */
export const HELD_CLAIM = "used-once";

/** Volumes, their claims and a runtime class. */
export function storageObjects(): object[] {
	const volumes = Object.entries(VOLUMES).map(([name, { labels, nodeAffinity, accessMode = "ReadWriteMany" }]) => ({
		apiVersion: "v1",
		kind: "PersistentVolume",
		metadata: { name, labels },
		spec: {
			capacity: { storage: "1Gi" },
			accessModes: [accessMode],
			storageClassName: "",
			csi: { driver: "example.com", volumeHandle: name },
			claimRef: { namespace: "a", name },
			nodeAffinity,
		},
	}));
	const bound = BOUND.map((name) =>
		claim(name, { volumeName: name, accessModes: [VOLUMES[name]?.accessMode ?? "ReadWriteMany"] }),
	);
	const unbound = Object.entries(UNBOUND).map(([name, storageClassName]) =>
		claim(name, { storageClassName, ...(name === "local-too-large" ? { resources: sized("2Gi") } : {}) }),
	);
	return [...STORAGE_CLASSES, ...volumes, LOCAL_VOLUME, ...bound, ...unbound, RUNTIME_CLASS];
}

function sized(storage: string): object {
	return { requests: { storage } };
}

function claim(name: string, spec: object): object {
	const common = { accessModes: ["ReadWriteMany"], storageClassName: "", resources: sized("1Gi") };
	return {
		apiVersion: "v1",
		kind: "PersistentVolumeClaim",
		metadata: { name, namespace: "a" },
		spec: { ...common, ...spec },
	};
}

/** The one volume of class `local` that is there. */
const LOCAL_VOLUME = {
	apiVersion: "v1",
	kind: "PersistentVolume",
	metadata: { name: "on-z2" },
	spec: {
		capacity: { storage: "1Gi" },
		accessModes: ["ReadWriteMany"],
		storageClassName: "local",
		local: { path: "/data" },
		nodeAffinity: {
			required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: "In", values: ["z2"] }] }] },
		},
	},
};

export function boundClaims(): readonly string[] {
	return BOUND;
}

const STORAGE_CLASSES = [
	{ name: "by-hand", provisioner: "kubernetes.io/no-provisioner", volumeBindingMode: "Immediate" },
	{ name: "local", provisioner: "kubernetes.io/no-provisioner" },
	{ name: "made", provisioner: "example.com/maker" },
	{
		name: "made-in-z1",
		provisioner: "example.com/maker",
		allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ["z1"] }] }],
	},
].map(({ name, ...rest }) => ({
	apiVersion: "storage.k8s.io/v1",
	kind: "StorageClass",
	metadata: { name },
	volumeBindingMode: "WaitForFirstConsumer",
	...rest,
}));

const RUNTIME_CLASS = {
	apiVersion: "node.k8s.io/v1",
	kind: "RuntimeClass",
	metadata: { name: "sandboxed" },
	handler: "sandboxed",
	overhead: { podFixed: { cpu: "250m", memory: "64Mi" } },
	scheduling: { tolerations: [{ key: "gpu", operator: "Exists" }] },
};
