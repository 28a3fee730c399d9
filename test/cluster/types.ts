/** Long-running programs of a local cluster. */
export type Server = "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kwok" | "prometheus";

/** Absolute paths of the executables. */
export type Programs = Readonly<Record<Server | "kubectl", string>>;

/** Programs of a machine that runs real containers. */
export type MachinePrograms = Readonly<
	Record<"kubelet" | "containerd" | "containerd-shim-runc-v2" | "ctr" | "pause", string>
>;

/** How a program ended although nobody asked it to. */
export interface ProgramExit {
	/** A server, or a program of a machine ("kubelet-node-1"). */
	readonly program: string;
	readonly code: number | null;
	readonly signal: string | null;
	/** The last lines of its log. */
	readonly lastLines: string;
}

export interface ClusterOptions {
	/** A folder of its own: new, empty, or of an earlier cluster. Default: a temporary one, removed by `stop`. */
	readonly dir?: string | undefined;
	/** Nodes `node-1` ... `node-N` to start with; default 0. */
	readonly nodes?: number | undefined;
	/** Time from a pod's binding to its containers being ready; default 0. */
	readonly containerStartupSeconds?: number | undefined;
	/** Time from a pod's deletion to its end; default 0. */
	readonly containerStopSeconds?: number | undefined;
	/** Without heartbeats for so long, a node is NotReady. Default: 8 for at most 50 nodes, else 50. */
	readonly nodeGraceSeconds?: number | undefined;
	/** Default true. */
	readonly prometheus?: boolean | undefined;
	/** Default 1. */
	readonly scrapeIntervalSeconds?: number | undefined;
	/** What Prometheus scrapes from the start; a target that is not there yet is tried again. Default: nothing. */
	readonly scrape?: readonly ScrapeTarget[] | undefined;
	readonly apiServerFlags?: readonly string[] | undefined;
	/** Extenders of kube-scheduler, as its configuration writes them; default none. */
	readonly schedulerExtenders?: readonly object[] | undefined;
	readonly controllerManagerFlags?: readonly string[] | undefined;
	/** Called when a server dies after the start; default: its last lines go to stderr. */
	readonly onExit?: ((exit: ProgramExit) => void) | undefined;
}

export interface NodeSpec {
	readonly name: string;
	readonly labels?: Readonly<Record<string, string>> | undefined;
	/** Default: 8 cpu, 32Gi memory, 110 pods. */
	readonly capacity?: { readonly cpu: string; readonly memory: string; readonly pods?: string | undefined } | undefined;
	readonly taints?:
		| readonly { readonly key: string; readonly value?: string | undefined; readonly effect: string }[]
		| undefined;
}

export interface ScrapeTarget {
	readonly job: string;
	/** host:port; the page is `/metrics`. */
	readonly address: string;
	readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** A running control plane. Every method rejects with an Error that says what failed and where to look. */
export interface Cluster {
	readonly dir: string;
	/** Path of an admin's kubeconfig (`--as` impersonates anyone). */
	readonly kubeconfig: string;
	readonly apiServerUrl: string;
	/** Empty without Prometheus. */
	readonly prometheusUrl: string;
	readonly programs: Programs;
	/** Runs kubectl as admin and returns its stdout; rejects with its stderr. */
	kubectl(args: readonly string[], input?: string): Promise<string>;
	/** Resolves when all of them are Ready. */
	addNodes(specs: readonly NodeSpec[]): Promise<void>;
	cordon(name: string): Promise<void>;
	uncordon(name: string): Promise<void>;
	/** Stops the node's kubelet: heartbeats end, its pods are left as they are. Resolves when the node is NotReady. */
	kill(name: string): Promise<void>;
	/** Starts the node's kubelet again. Resolves when the node is Ready. */
	revive(name: string): Promise<void>;
	/** Replaces what Prometheus scrapes. */
	scrape(targets: readonly ScrapeTarget[]): Promise<void>;
	/** Kills a server; `onExit` is not called. */
	stopProgram(name: Server): Promise<void>;
	/** Starts a stopped server again, on its port and data. Resolves when it is ready. */
	startProgram(name: Server): Promise<void>;
	/** Suspends a server: connections are accepted, nothing answers. */
	freezeProgram(name: Server): Promise<void>;
	thawProgram(name: Server): Promise<void>;
	/** Ends all programs; a temporary folder goes too. */
	stop(): Promise<void>;
}
