import http from "node:http";
import type { AddressInfo } from "node:net";
import { ClusterWatch } from "./cluster-watch.ts";
import { Engine } from "./engine.ts";
import { metricsPage } from "./exposition.ts";
import { mergePatch, parseWorld, readWorld } from "./read.ts";
import type { WorldInput, WorldPatch } from "./schema.ts";
import type { Truth } from "./truth.ts";

export interface StartWorldOptions {
	/** Path of a world file. */
	readonly file?: string | undefined;
	/** What a world file would hold; over the file where both are given. */
	readonly world?: WorldInput | undefined;
	/** Path of a kubeconfig that may list and watch nodes and pods. */
	readonly kubeconfig: string;
	/** Default: a free one. */
	readonly port?: number | undefined;
	/** Default: 127.0.0.1. */
	readonly host?: string | undefined;
	/** Instead of the world's own. */
	readonly seed?: number | undefined;
}

export interface World {
	/** host:port of the page `/metrics`. */
	readonly address: string;
	readonly port: number;
	/** Changes the world from now on. @throws WorldError when it would not be valid */
	update(patch: WorldPatch): void;
	/** What is really so now for a Deployment (`namespace/name`); `undefined` for one that is not an app of the world. */
	truth(workload: string): Truth | undefined;
	stop(): Promise<void>;
}

/** The counters move at least so often, between scrapes too. */
const ADVANCE_MS = 250;

/**
 * Starts a world around a real cluster and resolves when it serves its page.
 * @throws WorldError for a world that cannot be read or is not valid, or the error of the API server
 */
export async function startWorld(options: StartWorldOptions): Promise<World> {
	let document = documentOf(options);
	const engine = new Engine(parseWorld(document), Date.now());
	const advance = () => engine.advance(watch, Date.now());
	const watch = new ClusterWatch(advance);
	const server = http.createServer((request, response) => {
		if (request.url !== "/metrics") return void response.writeHead(404).end("the page is /metrics\n");
		advance();
		response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
		response.end(metricsPage(engine.nodes.values(), engine.pods.values()));
	});
	try {
		await watch.start(options.kubeconfig);
		await listen(server, options.port ?? 0, options.host ?? "127.0.0.1");
	} catch (error) {
		await watch.stop();
		throw error;
	}
	const timer = setInterval(advance, ADVANCE_MS);
	const { port } = server.address() as AddressInfo;
	return {
		address: `${options.host ?? "127.0.0.1"}:${port}`,
		port,
		update(patch) {
			const changed = mergePatch(document, patch);
			const spec = parseWorld(changed);
			advance();
			document = changed;
			engine.spec = spec;
		},
		truth: (workload) => engine.truth(workload, watch, Date.now()),
		async stop() {
			clearInterval(timer);
			server.closeAllConnections();
			server.close();
			await watch.stop();
		},
	};
}

function documentOf({ file, world, seed }: StartWorldOptions): unknown {
	const inFile = file === undefined ? {} : readWorld(file);
	return mergePatch(mergePatch(inFile, world ?? {}), seed === undefined ? {} : { seed });
}

function listen(server: http.Server, port: number, host: string): Promise<void> {
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	server.once("error", reject);
	server.listen(port, host, resolve);
	return promise;
}
