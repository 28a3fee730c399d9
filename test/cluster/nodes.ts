import type { ApiClient } from "./api-client.ts";
import { KUBELET_LABEL } from "./stages.ts";
import type { NodeSpec } from "./types.ts";
import { waitFor } from "./wait.ts";

/** Requests under way at once: enough for a thousand nodes in seconds. */
const PARALLEL = 32;

const HEALTH_TAINTS = new Set(["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]);

interface NodeStatus {
	readonly metadata: { readonly name: string };
	readonly spec?: { readonly taints?: readonly { readonly key: string }[] };
	readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** The Node object that a kubelet of this machine would register. */
export function nodeManifest(spec: NodeSpec): object {
	const capacity = {
		cpu: spec.capacity?.cpu ?? "8",
		memory: spec.capacity?.memory ?? "32Gi",
		pods: spec.capacity?.pods ?? "110",
	};
	return {
		apiVersion: "v1",
		kind: "Node",
		metadata: {
			name: spec.name,
			labels: {
				"kubernetes.io/hostname": spec.name,
				"kubernetes.io/os": "linux",
				"kubernetes.io/arch": "amd64",
				...spec.labels,
				[KUBELET_LABEL]: "running",
			},
		},
		spec: { taints: spec.taints ?? [] },
		status: { capacity, allocatable: capacity },
	};
}

/** Creates nodes; resolves when all are Ready and open to pods. */
export async function addNodes(api: ApiClient, specs: readonly NodeSpec[]): Promise<void> {
	const left = [...specs];
	async function createNext(): Promise<void> {
		for (let spec = left.shift(); spec !== undefined; spec = left.shift()) {
			await api.send({ method: "POST", path: "/api/v1/nodes", body: nodeManifest(spec) });
		}
	}
	await Promise.all(Array.from({ length: PARALLEL }, createNext));
	await waitUntilOpen(
		api,
		specs.map(({ name }) => name),
	);
}

/** Resolves when all of them are Ready and open to pods. */
export async function waitUntilOpen(api: ApiClient, names: readonly string[]): Promise<void> {
	const missing = new Set(names);
	await waitFor(
		async () => {
			for (const node of await listNodes(api)) if (isOpen(node)) missing.delete(node.metadata.name);
			return missing.size === 0;
		},
		{ what: `${names.length} nodes Ready`, timeoutMs: 30_000 + 20 * names.length, intervalMs: 100 + names.length },
	);
}

export async function setUnschedulable(api: ApiClient, name: string, unschedulable: boolean): Promise<void> {
	await api.send({ method: "PATCH", path: `/api/v1/nodes/${name}`, body: { spec: { unschedulable } } });
}

/** Stops or starts what plays the node's kubelet and resolves when the node controller has taken notice. */
export async function setKubelet(api: ApiClient, name: string, state: "running" | "stopped"): Promise<void> {
	const path = `/api/v1/nodes/${name}`;
	await api.send({ method: "PATCH", path, body: { metadata: { labels: { [KUBELET_LABEL]: state } } } });
	await waitForNode(api, name, state === "running" ? "Ready" : "NotReady");
}

/** Resolves when a node is Ready and open to pods, or NotReady. */
export async function waitForNode(api: ApiClient, name: string, state: "Ready" | "NotReady"): Promise<void> {
	await waitFor(
		async () => {
			const node: NodeStatus = JSON.parse(await api.send({ path: `/api/v1/nodes/${name}` }));
			return state === "Ready" ? isOpen(node) : !isReady(node);
		},
		{ what: `node ${name} ${state}`, timeoutMs: 120_000, intervalMs: 200 },
	);
}

async function listNodes(api: ApiClient): Promise<readonly NodeStatus[]> {
	const list: { items: readonly NodeStatus[] } = JSON.parse(
		await api.send({ path: "/api/v1/nodes?resourceVersion=0" }),
	);
	return list.items;
}

function isReady(node: NodeStatus): boolean {
	return node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

/** Ready, and the taints that the node controller puts on a node that was not are gone. */
function isOpen(node: NodeStatus): boolean {
	const closed = node.spec?.taints?.some(({ key }) => HEALTH_TAINTS.has(key)) ?? false;
	return isReady(node) && !closed;
}
