import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { shareCpus } from "./computer.ts";
import type { Machine } from "./machine.ts";
import { machineAddress, type Network, podRange } from "./network.ts";
import type { Equipment } from "./requirements.ts";
import type { RealNodeSpec } from "./types.ts";

export const DEFAULT_NODES: readonly RealNodeSpec[] = [
	{ name: "node-1", speed: 0.8 },
	{ name: "node-2", speed: 0.4 },
	{ name: "node-3", speed: 0.2 },
];

const MEMORY_BYTES = 4 * 2 ** 30;
/** Their numbers are parts of addresses. */
const MOST_NODES = 99;
/** What the servers and kubelets need of the computer's CPUs. */
const SYSTEM_CPUS = 0.25;

/** Throws when the nodes make no sense, or are faster together than the computer. */
export function checkSpecs(specs: readonly RealNodeSpec[], cpus: number): void {
	if (specs.length === 0 || specs.length > MOST_NODES) throw new Error(`real nodes: 1 to ${MOST_NODES}`);
	if (new Set(specs.map(({ name }) => name)).size < specs.length) throw new Error("two nodes have the same name");
	for (const { name, speed } of specs) {
		// It becomes the name of a network interface.
		if (!/^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(name)) {
			throw new Error(`node ${name}: at most 15 small letters, digits and dashes`);
		}
		checkSpeed(name, speed);
	}
	const sum = specs.reduce((total, { speed }) => total + speed, 0);
	if (sum > cpus - SYSTEM_CPUS) {
		throw new Error(
			`nodes of speed ${specs.map(({ speed }) => speed).join(", ")} are ${sum} CPUs together, but of this computer's ${cpus} the servers need ${SYSTEM_CPUS}: take slower nodes`,
		);
	}
}

/** Where every machine has folders of its own, which hide the computer's. */
const HIDDEN = ["/run", "/var/lib", "/var/log"];

/** Throws when machines could not see the cluster's folder. */
export function checkFolder(dir: string): void {
	const hidden = HIDDEN.find((folder) => dir.startsWith(`${folder}/`));
	if (hidden !== undefined) throw new Error(`${dir}: machines have a ${hidden} of their own; take a folder elsewhere`);
}

/** Throws unless it is a speed that the kernel can keep to. */
export function checkSpeed(name: string, speed: number): void {
	if (!(speed >= 0.01)) throw new Error(`node ${name}: a speed is a number of CPUs, 0.01 or more`);
}

export interface Token {
	readonly node: string;
	readonly token: string;
}

/** What all machines of a cluster have in common. */
interface Common extends Pick<Machine, "cgroups" | "programs" | "clientAuthority" | "nodeGraceSeconds"> {
	readonly dir: string;
	readonly network: Network;
	readonly equipment: Equipment;
}

/** The machines, and the tokens by which the API server knows their kubelets. */
export function machinesOf(
	specs: readonly RealNodeSpec[],
	{ dir, network, equipment, ...common }: Common,
): { readonly machines: readonly Machine[]; readonly tokens: readonly Token[] } {
	const cpus = shareCpus(
		specs.map(({ speed }) => speed),
		equipment.cpus,
	);
	const machines = specs.map(({ name, speed, labels = {}, taints = [] }, index) => ({
		...common,
		name,
		speed,
		labels,
		taints,
		cpus: cpus[index] ?? [],
		memoryBytes: MEMORY_BYTES,
		address: machineAddress(network, index + 1),
		gateway: network.servers,
		podRange: podRange(network, index + 1),
		dir: join(dir, "machines", name),
		clusterDir: dir,
		runc: equipment.runc,
		cniPlugins: equipment.cniPlugins,
	}));
	return { machines, tokens: specs.map(({ name }) => ({ node: name, token: randomBytes(16).toString("hex") })) };
}
