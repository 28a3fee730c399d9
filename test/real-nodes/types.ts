import type { Offered } from "../cluster/control-plane.ts";
import type { ProgramExit } from "../cluster/types.ts";

/** A machine to start with. */
export interface RealNodeSpec {
	/** Its name, and the value of `kubernetes.io/hostname`. */
	readonly name: string;
	/** What all of its pods together get, in CPUs: 0.4 is 40 % of one. */
	readonly speed: number;
	readonly labels?: Readonly<Record<string, string>> | undefined;
	/** What keeps pods away from it that do not tolerate that. */
	readonly taints?: readonly Taint[] | undefined;
}

export interface Taint {
	readonly key: string;
	readonly value?: string;
	readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A machine of a running cluster. */
export interface RealNode {
	readonly name: string;
	/** Of the kubelet; reachable from this process, from the servers and from every pod. */
	readonly address: string;
	/** CPUs, as last set. The node's allocatable CPU is that of its start: Kubernetes is not told of `setSpeed`. */
	readonly speed: number;
}

export interface RealClusterOptions {
	/** A folder of its own: new, empty, or of an earlier cluster. Default: a temporary one, removed by `stop`. */
	readonly dir?: string | undefined;
	/** Default: `node-1`, `node-2` and `node-3` of speed 0.8, 0.4 and 0.2. */
	readonly nodes?: readonly RealNodeSpec[] | undefined;
	/** Archives that are in every node's store from the start; see `importImage`. */
	readonly images?: readonly string[] | undefined;
	/** Default 1. */
	readonly scrapeIntervalSeconds?: number | undefined;
	/** Without heartbeats for so long, a node is NotReady. Default 12. */
	readonly nodeGraceSeconds?: number | undefined;
	readonly apiServerFlags?: readonly string[] | undefined;
	readonly controllerManagerFlags?: readonly string[] | undefined;
	/** Called when a server dies after the start; default: its last lines go to stderr. */
	readonly onExit?: ((exit: ProgramExit) => void) | undefined;
}

/**
 * A control plane and machines that run real containers, all on this computer. Every method rejects with an
 * Error that says what failed and where to look.
 *
 * - `apiServerUrl`, `prometheusUrl`, machines and pods are reached by the same addresses from this process, from
 *   the servers and from pods. Inside a pod, KUBERNETES_SERVICE_HOST works; other Services have endpoints but
 *   neither DNS nor a kube-proxy: use pod addresses. Webhooks by Service are reached by the API server.
 * - Prometheus scrapes cAdvisor, `/metrics/resource` and a stand-in for node_exporter on every machine, and pods
 *   with the annotations `prometheus.io/scrape: "true"`, `prometheus.io/port` and, unless it is `/metrics`,
 *   `prometheus.io/path`. Their series carry `namespace`, `pod` and `node`.
 * - Pods are given images by name only: nothing is pulled (`imagePullPolicy: Never`, or `IfNotPresent`).
 */
export interface RealCluster extends Offered {
	/** This process as the servers and pods see it: where a webhook of this process listens (not on the loopback). */
	readonly hostAddress: string;
	/** In the order of the options. */
	readonly nodes: readonly RealNode[];
	/**
	 * Puts the images of an OCI (or docker) archive into every machine's store, under the names that the archive
	 * gives them (annotation `io.containerd.image.name` of its index).
	 * @param archive path of a tar file
	 */
	importImage(archive: string): Promise<void>;
	/** Changes what the machine's pods get from now on, as a hot or throttled machine would. @param speed CPUs */
	setSpeed(node: string, speed: number): Promise<void>;
	/** Kills the processes of a pod at once, the sandbox's too; its kubelet starts it anew. Rejects when it has none. */
	killPod(node: string, uid: string): Promise<void>;
	/** Kills the kubelet: heartbeats end, containers go on. Resolves when the node is NotReady. */
	killKubelet(node: string): Promise<void>;
	/** Kills all that runs on the machine, as a power cut does: containers, containerd and kubelet. Resolves when the node is NotReady. */
	killMachine(node: string): Promise<void>;
	/** Starts again what was killed. Resolves when the node is Ready. */
	revive(node: string): Promise<void>;
}
