import { join } from "node:path";
import { KUBELET_LABEL } from "./stages.ts";
import type { CommandLine } from "./supervision/messages.ts";
import type { Programs, Server } from "./types.ts";

/** Everything the servers' flags are made of. */
export interface Layout {
	readonly dir: string;
	readonly kubeconfig: string;
	/** Where the API server and Prometheus listen and are reached. */
	readonly address: string;
	readonly ports: {
		readonly etcd: number;
		readonly etcdPeer: number;
		readonly apiServer: number;
		readonly prometheus: number;
	};
	readonly nodeGraceSeconds: number;
	readonly apiServerFlags: readonly string[];
	readonly controllerManagerFlags: readonly string[];
}

export function logFile(dir: string, program: string): string {
	return join(dir, "logs", `${program}.log`);
}

export function schedulerConfigFile(dir: string): string {
	return join(dir, "scheduler.json");
}

/** How each server is started. */
export function commandLines(programs: Programs, layout: Layout): Readonly<Record<Server, CommandLine>> {
	const flags: Readonly<Record<Server, readonly string[]>> = {
		etcd: etcdFlags(layout),
		"kube-apiserver": apiServerFlags(layout),
		"kube-controller-manager": controllerManagerFlags(layout),
		"kube-scheduler": [`--config=${schedulerConfigFile(layout.dir)}`, "--secure-port=0"],
		kwok: kwokFlags(layout),
		prometheus: prometheusFlags(layout),
	};
	function line(server: Server): CommandLine {
		return { file: programs[server], args: flags[server], log: logFile(layout.dir, server) };
	}
	return {
		etcd: line("etcd"),
		"kube-apiserver": line("kube-apiserver"),
		"kube-controller-manager": line("kube-controller-manager"),
		"kube-scheduler": line("kube-scheduler"),
		kwok: line("kwok"),
		prometheus: line("prometheus"),
	};
}

function etcdFlags({ dir, ports }: Layout): string[] {
	const clients = `http://127.0.0.1:${ports.etcd}`;
	const peers = `http://127.0.0.1:${ports.etcdPeer}`;
	return [
		`--data-dir=${join(dir, "etcd")}`,
		`--listen-client-urls=${clients}`,
		`--advertise-client-urls=${clients}`,
		`--listen-peer-urls=${peers}`,
		`--initial-advertise-peer-urls=${peers}`,
		`--initial-cluster=default=${peers}`,
		"--unsafe-no-fsync",
		"--log-level=error",
	];
}

function apiServerFlags({ dir, address, ports, apiServerFlags }: Layout): string[] {
	const serviceAccountKey = join(dir, "service-account.key");
	return [
		`--etcd-servers=http://127.0.0.1:${ports.etcd}`,
		`--bind-address=${address}`,
		`--secure-port=${ports.apiServer}`,
		`--cert-dir=${join(dir, "certs")}`,
		"--service-cluster-ip-range=10.96.0.0/16",
		`--service-account-key-file=${serviceAccountKey}`,
		`--service-account-signing-key-file=${serviceAccountKey}`,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--authorization-mode=RBAC",
		`--token-auth-file=${join(dir, "tokens.csv")}`,
		"--endpoint-reconciler-type=none",
		...apiServerFlags,
	];
}

/** The default of 20 requests per second makes 2,000 pods take 100 s. */
const RATE = { qps: 500, burst: 1000 };

function clientFlags({ kubeconfig }: Layout): string[] {
	return [`--kubeconfig=${kubeconfig}`, `--kube-api-qps=${RATE.qps}`, `--kube-api-burst=${RATE.burst}`];
}

/** A KubeSchedulerConfiguration. */
export function schedulerConfiguration(kubeconfig: string, extenders: readonly object[]): object {
	return {
		apiVersion: "kubescheduler.config.k8s.io/v1",
		kind: "KubeSchedulerConfiguration",
		leaderElection: { leaderElect: false },
		clientConnection: { kubeconfig, ...RATE },
		extenders,
	};
}

function controllerManagerFlags(layout: Layout): string[] {
	return [
		...clientFlags(layout),
		"--leader-elect=false",
		"--secure-port=0",
		`--service-account-private-key-file=${join(layout.dir, "service-account.key")}`,
		`--root-ca-file=${join(layout.dir, "certs", "apiserver.crt")}`,
		"--use-service-account-credentials",
		// With Kubernetes' own 50 s every test of a node's death would wait a minute.
		`--node-monitor-grace-period=${layout.nodeGraceSeconds}s`,
		"--node-monitor-period=1s",
		// Taints of dead nodes: at the default of 0.1 nodes a second the third one waits for 20 s.
		"--node-eviction-rate=10",
		"--concurrent-deployment-syncs=20",
		"--concurrent-replicaset-syncs=20",
		...layout.controllerManagerFlags,
	];
}

/** kwok renews a node's lease four times in its duration, so a busy machine may miss three before the node is lost. */
function kwokFlags({ dir, kubeconfig, nodeGraceSeconds }: Layout): string[] {
	return [
		`--kubeconfig=${kubeconfig}`,
		`--config=${join(dir, "kwok-stages.yaml")}`,
		`--manage-nodes-with-label-selector=${KUBELET_LABEL}=running`,
		`--node-lease-duration-seconds=${nodeGraceSeconds}`,
		"--cidr=10.244.0.0/16",
		"--v=WARN",
	];
}

function prometheusFlags({ dir, address, ports }: Layout): string[] {
	return [
		`--config.file=${join(dir, "prometheus.yaml")}`,
		`--storage.tsdb.path=${join(dir, "prometheus")}`,
		`--web.listen-address=${address}:${ports.prometheus}`,
		"--web.enable-lifecycle",
		"--web.enable-remote-write-receiver",
		"--log.level=warn",
	];
}
