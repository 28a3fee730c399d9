import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { z } from "zod";

/** What the scheduler says of a node that passed every filter of its own. */
export const PASSED = "passed every filter";

const filterArguments = z.object({
	Pod: z.object({ metadata: z.object({ name: z.string(), namespace: z.string() }) }),
	NodeNames: z.array(z.string()),
});

export interface RecordingExtender {
	/** For the configuration of kube-scheduler. */
	readonly configuration: object;
	/** Nodes that the scheduler found feasible, by `namespace/name` of the pod. */
	readonly feasible: ReadonlyMap<string, ReadonlySet<string>>;
	close(): void;
}

/**
 * An extender of kube-scheduler. It is asked after all filters, with the nodes that passed them; it
 * remembers these and refuses them, so no pod is ever bound and every pod meets the same cluster.
 */
export async function recordingExtender(): Promise<RecordingExtender> {
	const feasible = new Map<string, ReadonlySet<string>>();
	async function filter(request: IncomingMessage): Promise<object> {
		const { Pod, NodeNames } = filterArguments.parse(await json(request));
		feasible.set(`${Pod.metadata.namespace}/${Pod.metadata.name}`, new Set(NodeNames));
		const refused = Object.fromEntries(NodeNames.map((name) => [name, PASSED]));
		return { NodeNames: [], FailedAndUnresolvableNodes: refused };
	}
	const server = createServer((request, response) => {
		filter(request).then(
			(result) => response.end(JSON.stringify(result)),
			(error: unknown) => response.writeHead(400).end(String(error)),
		);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	return {
		configuration: { urlPrefix: `http://127.0.0.1:${port}`, filterVerb: "filter", nodeCacheCapable: true },
		feasible,
		close: () => void server.close(),
	};
}
