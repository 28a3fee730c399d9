import { z } from "zod";
import { type ApiClient, isMissing } from "../client/client.ts";
import { notMovable, PluginError } from "../errors.ts";

const nodeSchema = z.object({
	metadata: z.object({ name: z.string() }),
	spec: z.object({ unschedulable: z.boolean().default(false) }).prefault({}),
});

/** A destination: a value of the topology key. */
interface Place {
	/** The Deployment's name. */
	readonly name: string;
	readonly to: string;
	readonly topologyKey: string;
	/** A fresh report says that it can run there. */
	readonly reported: boolean;
}

/**
 * Asks the API server for the nodes of a destination, since a report may be a minute old, or missing. Who
 * may not list nodes leaves that to the controller.
 * @throws PluginError NotMovable, with the reason by name
 */
export async function refuseUnfitNodes(client: ApiClient, { name, to, topologyKey, reported }: Place): Promise<void> {
	const answer = await nodesAt(client, `${topologyKey}=${to}`);
	if (!answer) return;
	const nodes = answer.map((node) => nodeSchema.parse(node));
	if (nodes.length === 0 && reported) return;
	if (nodes.length === 0) {
		throw notMovable(
			`deployment "${name}" cannot run on ${to}: UnknownDestination: no node has the label ${topologyKey}=${to}`,
		);
	}
	if (nodes.every(({ spec }) => spec.unschedulable)) {
		const names = nodes.map(({ metadata }) => metadata.name).join(", ");
		throw notMovable(
			`deployment "${name}" cannot run on ${to}: NodeUnschedulable: ${names} is cordoned (unschedulable)`,
		);
	}
}

async function nodesAt(client: ApiClient, labelSelector: string): Promise<readonly object[] | undefined> {
	try {
		const answer = await client.list("/api/v1/nodes", { labelSelector });
		return isMissing(answer) ? undefined : answer;
	} catch (error) {
		// A value that no label can hold is refused as BadRequest, and no node has it.
		if (error instanceof PluginError && error.reason === "BadRequest") return [];
		if (error instanceof PluginError && error.code === "ServerRefused") return undefined;
		throw error;
	}
}
