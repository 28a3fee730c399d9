import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Machine } from "./machine.ts";

/** Name of the image whose only process holds the namespaces of a pod. */
export const PAUSE_IMAGE = "kubectl-qos.local/pause:1";

/** Writes the configurations of a machine's programs into its folder. */
export async function writeMachineFiles(machine: Machine): Promise<void> {
	const { dir } = machine;
	for (const folder of ["cni", "containerd", "kubelet"]) await mkdir(join(dir, folder), { recursive: true });
	await writeFile(join(dir, "cni", "10-bridge.conflist"), JSON.stringify(podNetwork(machine)));
	await writeFile(join(dir, "containerd.toml"), containerdConfiguration(machine));
	await writeFile(join(dir, "kubelet.yaml"), stringify(kubeletConfiguration(machine)));
}

function podNetwork({ podRange }: Machine): object {
	return {
		cniVersion: "1.0.0",
		name: "pods",
		plugins: [
			{
				type: "bridge",
				bridge: "cni0",
				isGateway: true,
				ipMasq: false,
				ipam: {
					type: "host-local",
					dataDir: "/run/cni",
					ranges: [[{ subnet: podRange }]],
					routes: [{ dst: "0.0.0.0/0" }],
				},
			},
		],
	};
}

/** TOML by hand: nothing but booleans and strings, which are written as JSON's. */
function containerdConfiguration({ dir, cniPlugins, runc }: Machine): string {
	const text = (value: string): string => JSON.stringify(value);
	return `version = 3
root = ${text(join(dir, "containerd"))}
state = '/run/containerd/state'
disabled_plugins = ['io.containerd.nri.v1.nri']
[grpc]
  address = '/run/containerd/containerd.sock'
[plugins.'io.containerd.internal.v1.opt']
  path = ${text(join(dir, "opt"))}
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = ${text(PAUSE_IMAGE)}
[plugins.'io.containerd.cri.v1.runtime']
  disable_apparmor = true
  # Without CAP_SYS_RESOURCE a score below this process' own is refused.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = [${text(cniPlugins)}]
  conf_dir = ${text(join(dir, "cni"))}
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
    BinaryName = ${text(runc)}
    SystemdCgroup = false
`;
}

function kubeletConfiguration(machine: Machine): object {
	const { dir, address, cpus, speed, nodeGraceSeconds } = machine;
	return {
		apiVersion: "kubelet.config.k8s.io/v1beta1",
		kind: "KubeletConfiguration",
		failCgroupV1: false,
		cgroupDriver: "cgroupfs",
		cgroupRoot: "/pods",
		enforceNodeAllocatable: ["pods"],
		// So that the CPU that pods may ask for is what the quota gives them.
		systemReserved: { cpu: `${Math.round((cpus.length - speed) * 1000)}m` },
		registerWithTaints: machine.taints,
		failSwapOn: false,
		address,
		port: 10250,
		healthzPort: 0,
		readOnlyPort: 0,
		containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
		podLogsDir: join(dir, "pod-logs"),
		volumePluginDir: join(dir, "volume-plugins"),
		authentication: {
			anonymous: { enabled: false },
			webhook: { enabled: true, cacheTTL: "30s" },
			x509: { clientCAFile: machine.clientAuthority },
		},
		authorization: { mode: "Webhook" },
		makeIPTablesUtilChains: false,
		resolvConf: "",
		// Disks of test machines are full of other things.
		imageGCHighThresholdPercent: 100,
		imageGCLowThresholdPercent: 99,
		evictionHard: {
			"memory.available": "100Mi",
			"nodefs.available": "1%",
			"imagefs.available": "1%",
			"nodefs.inodesFree": "1%",
			"imagefs.inodesFree": "1%",
		},
		// The lease is renewed four times in its duration.
		nodeLeaseDurationSeconds: nodeGraceSeconds,
		nodeStatusUpdateFrequency: "5s",
		shutdownGracePeriod: "0s",
	};
}
