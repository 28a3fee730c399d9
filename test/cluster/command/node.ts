import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { type ApiClient, createApiClient } from "../api-client.ts";
import { addNodes, setKubelet, setUnschedulable } from "../nodes.ts";
import { ask } from "./control.ts";
import { clusterDir } from "./options.ts";

export const NODE_ACTIONS = ["add", "cordon", "uncordon", "kill", "revive"] as const;
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
};

/** Acts on nodes of a running cluster; each line is printed when the node has got there. */
export async function node(flags: NodeFlags): Promise<void> {
	const dir = clusterDir(flags.dir);
	const state = await ask(dir, "status");
	if (state?.ready !== true) throw new Error(`no cluster is running in ${dir}: "npm run cluster -- up" starts one`);
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
