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

/** Claims that pods use; `missing` does not exist and `immediate` is never bound. */
export const CLAIMS: readonly string[] = [...BOUND, "missing", "immediate"];

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
	const claims = [...BOUND, "immediate"].map((name) => ({
		apiVersion: "v1",
		kind: "PersistentVolumeClaim",
		metadata: { name, namespace: "a" },
		spec: {
			accessModes: [VOLUMES[name]?.accessMode ?? "ReadWriteMany"],
			storageClassName: name === "immediate" ? "by-hand" : "",
			volumeName: name === "immediate" ? undefined : name,
			resources: { requests: { storage: "1Gi" } },
		},
	}));
	return [...volumes, ...claims, RUNTIME_CLASS, STORAGE_CLASS];
}

export function boundClaims(): readonly string[] {
	return BOUND;
}

const STORAGE_CLASS = {
	apiVersion: "storage.k8s.io/v1",
	kind: "StorageClass",
	metadata: { name: "by-hand" },
	provisioner: "kubernetes.io/no-provisioner",
	volumeBindingMode: "Immediate",
};

const RUNTIME_CLASS = {
	apiVersion: "node.k8s.io/v1",
	kind: "RuntimeClass",
	metadata: { name: "sandboxed" },
	handler: "sandboxed",
	overhead: { podFixed: { cpu: "250m", memory: "64Mi" } },
	scheduling: { tolerations: [{ key: "gpu", operator: "Exists" }] },
};
