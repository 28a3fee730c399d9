import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { type ApiClient, createApiClient } from "../api-client.ts";
import { addNodes, setKubelet, setUnschedulable } from "../nodes.ts";
import { ask, type NodeOrder } from "./control.ts";
import { clusterDir } from "./options.ts";

export const NODE_ACTIONS = ["add", "cordon", "uncordon", "kill", "revive", "power-off", "speed"] as const;
export type NodeAction = (typeof NODE_ACTIONS)[number];

export interface NodeFlags {
	readonly dir: string | undefined;
	readonly action: NodeAction;
	readonly names: readonly string[];
	readonly cpu: string;
	readonly memory: string;
	readonly labels: readonly string[];
}

const RESULT: Readonly<Record<NodeAction, string>> = {
	add: "Ready",
	cordon: "cordoned",
	uncordon: "uncordoned",
	kill: "NotReady",
	revive: "Ready",
	"power-off": "NotReady",
	speed: "speed",
};

/** Acts on nodes of a running cluster; each line is printed when the node has got there. */
export async function node(flags: NodeFlags): Promise<void> {
	const dir = clusterDir(flags.dir);
	const state = await ask(dir, "status");
	if (state?.ready !== true) throw new Error(`no cluster is running in ${dir}: "npm run cluster -- up" starts one`);
	if (state.real && flags.action !== "cordon" && flags.action !== "uncordon") {
		for (const order of ordersOf(flags)) await carryOut(dir, order);
		return;
	}
	const api = adminOf(state.kubeconfig);
	try {
		for (const name of flags.names) {
			await act(api, name, flags);
			console.log(`node ${name}: ${RESULT[flags.action]}`);
		}
	} finally {
		api.close();
	}
}

/** `speed` takes a name and a number, the others take names. */
function ordersOf({ action, names }: NodeFlags): readonly NodeOrder[] {
	if (action === "kill" || action === "revive" || action === "power-off")
		return names.map((node) => ({ action, node }));
	if (action !== "speed") throw new Error("nodes of --real are there from the start: up --speeds names them");
	const [node, speed, ...others] = names;
	if (node === undefined || !(Number(speed) > 0) || others.length > 0) {
		throw new Error("write it as node speed NAME CPUS, for example node speed node-1 0.3");
	}
	return [{ action, node, speed: Number(speed) }];
}

/** Has the owner of a real cluster do it. */
async function carryOut(dir: string, order: NodeOrder): Promise<void> {
	const answer = await ask(dir, order);
	if (answer === undefined) throw new Error(`the cluster in ${dir} has ended meanwhile`);
	if (answer.failure !== undefined && answer.failure !== "") throw new Error(answer.failure);
	console.log(`node ${order.node}: ${RESULT[order.action]}${order.action === "speed" ? ` ${order.speed}` : ""}`);
}

function act(api: ApiClient, name: string, flags: NodeFlags): Promise<void> {
	switch (flags.action) {
		case "add":
			return addNodes(api, [
				{ name, labels: parseLabels(flags.labels), capacity: { cpu: flags.cpu, memory: flags.memory } },
			]);
		case "cordon":
			return setUnschedulable(api, name, true);
		case "uncordon":
			return setUnschedulable(api, name, false);
		case "kill":
			return setKubelet(api, name, "stopped");
		case "revive":
			return setKubelet(api, name, "running");
		case "power-off":
		case "speed":
			throw new Error(`${flags.action} is for nodes of up --real`);
	}
}

/** From `key=value` texts. */
export function parseLabels(labels: readonly string[]): Record<string, string> {
	return Object.fromEntries(
		labels.map((label) => {
			const [key = "", value] = label.split("=", 2);
			if (key === "" || value === undefined) throw new Error(`--label ${label}: write it as key=value`);
			return [key, value];
		}),
	);
}

const kubeconfigSchema = z.object({
	clusters: z.tuple([
		z.object({ cluster: z.object({ server: z.string(), "certificate-authority-data": z.base64() }) }),
	]),
	users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]),
});

function adminOf(kubeconfigFile: string): ApiClient {
	const { clusters, users } = kubeconfigSchema.parse(parse(readFileSync(kubeconfigFile, "utf8")));
	const { server, "certificate-authority-data": ca } = clusters[0].cluster;
	return createApiClient(server, users[0].user.token, () => Buffer.from(ca, "base64"));
}
