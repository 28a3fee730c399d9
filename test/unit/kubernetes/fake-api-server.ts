import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { KubernetesConnection } from "../../../src/adapters/kubernetes/connection.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server that answers as told, for what a real API server cannot be made to do at will. */
export interface FakeApiServer {
	readonly connection: KubernetesConnection;
	/** `METHOD path?query` of each request so far. */
	readonly requests: string[];
	answer: Handler;
	stop(): Promise<void>;
}

export async function startFakeApiServer(timeoutSeconds?: number): Promise<FakeApiServer> {
	const requests: string[] = [];
	const server = createServer((request, response) => {
		requests.push(`${request.method} ${request.url}`);
		fake.answer(request, response);
	});
	await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
	const dir = mkdtempSync(join(tmpdir(), "fake-api-"));
	const { port } = server.address() as AddressInfo;
	const file = join(dir, "config");
	writeFileSync(
		file,
		stringify({
			"current-context": "x",
			clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
			contexts: [{ name: "x", context: { cluster: "c" } }],
		}),
	);
	const connection = KubernetesConnection.open({ files: [file], timeoutSeconds });
	rmSync(dir, { recursive: true });
	const fake: FakeApiServer = {
		connection,
		requests,
		answer: (_, response) => json(response, 404, {}),
		async stop() {
			connection.close();
			server.closeAllConnections();
			await new Promise((resolve) => void server.close(resolve));
		},
	};
	return fake;
}

export function json(response: ServerResponse, status: number, body: object): void {
	response.writeHead(status, { "content-type": "application/json" });
	response.end(JSON.stringify(body));
}
