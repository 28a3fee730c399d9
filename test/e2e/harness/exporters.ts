import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands between Prometheus and the world's page, so that single exporters can fall silent. */
export interface Exporters {
	readonly address: string;
	/** Leaves out every sample whose line the pattern matches; `undefined`: none. */
	silence(pattern: RegExp | undefined): void;
	stop(): Promise<void>;
}

/** @param page host:port of a page `/metrics` */
export async function startExporters(page: string): Promise<Exporters> {
	let silenced: RegExp | undefined;
	const server = createServer((_request, response) => {
		fetch(`http://${page}/metrics`)
			.then((answer) => answer.text())
			.then(
				(text) => {
					const lines = text.split("\n");
					response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
					response.end(lines.filter((line) => line.startsWith("#") || !silenced?.test(line)).join("\n"));
				},
				() => response.destroy(),
			);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
		silence: (pattern) => {
			silenced = pattern;
		},
		async stop() {
			const closed = once(server, "close");
			server.close();
			server.closeAllConnections();
			await closed;
		},
	};
}
