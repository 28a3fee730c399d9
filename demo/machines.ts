import { type WorkloadKey, workloadKey } from "../src/core/cluster/workload.ts";
import type { NodeSpec } from "../test/cluster/cluster.ts";
import { HALVES, type Half } from "./record.ts";

/** Label of the nodes that says which half they belong to; the apps' nodeSelector asks for it. */
const HALF_LABEL = "demo.kubectl-qos.dev/half";

/** How much work a core of the node does per second, 1 being the reference: the controller reads it. */
export const SPEED_LABEL = "kubectl-qos.dev/speed";

/** Six machines; world.yaml says what else keeps them busy. Memory goes with the cores, as shops sell it. */
const MACHINES = [
	{ name: "cloud-1", cores: 48, speed: 1.2 },
	{ name: "cloud-2", cores: 12, speed: 1.2 },
	{ name: "edge-1", cores: 4, speed: 1 },
	{ name: "edge-2", cores: 4, speed: 1 },
	{ name: "edge-3", cores: 4, speed: 0.8 },
	{ name: "edge-4", cores: 4, speed: 0.8 },
] as const;

const MEMORY_PER_CORE_GIBIBYTES = 4;

/** Three apps and what is promised to their users: seconds of latency, the target of their QoSPolicy. */
export const APPS = [
	{ name: "web", target: 0.08 },
	{ name: "search", target: 0.08 },
	{ name: "orders", target: 0.1 },
] as const;

export type AppName = (typeof APPS)[number]["name"];

export const NAMESPACES: Readonly<Record<Half, string>> = { with: "shop", without: "shop-twin" };

/** The app's Deployment in a half. */
export function workloadIn(half: Half, app: string): WorkloadKey {
	return workloadKey(NAMESPACES[half], app);
}

/** A machine and its twin. */
export function nodeName(half: Half, machine: string): string {
	return half === "with" ? machine : `${machine}-twin`;
}

/** All twelve nodes, as their kubelets would register them. */
export function nodeSpecs(): readonly NodeSpec[] {
	return HALVES.flatMap((half) =>
		MACHINES.map(({ name, cores, speed }) => ({
			name: nodeName(half, name),
			labels: { [HALF_LABEL]: half, [SPEED_LABEL]: String(speed), tier: name.split("-")[0] ?? "" },
			capacity: { cpu: String(cores), memory: `${cores * MEMORY_PER_CORE_GIBIBYTES}Gi` },
		})),
	);
}

/** The six machines as rows of a table, header first. */
export function machineTable(): readonly (readonly string[])[] {
	const rows = MACHINES.map(({ name, cores, speed }) => [name, `${cores} cores`, `speed ${speed}`]);
	return [["node", "size", "of a core"], ...rows];
}
