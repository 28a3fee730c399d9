import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { Registry } from "prom-client";

/** `undefined` when all is well, else one line that says what is missing. */
export type HealthCheck = () => string | undefined;

export interface HealthOptions {
	readonly host: string;
	/** 0 picks a free one. */
	readonly port: number;
	/** By name; all must pass for `/readyz`. */
	readonly readiness: Readonly<Record<string, HealthCheck>>;
	readonly registry: Registry;
}

/** A running server of probes and metrics. */
export interface HealthServer {
	readonly address: string;
	readonly port: number;
	stop(): Promise<void>;
}

/** Serves `/livez`, `/readyz` and `/metrics` over plain HTTP; rejects when the port is taken. */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
	const app = express();
	app.disable("x-powered-by");
	app.get("/livez", (_request, response) => {
		response.json({ status: "ok" });
	});
	app.get("/readyz", (_request, response) => {
		const problems = failed(options.readiness);
		if (problems.length === 0) response.json({ status: "ok" });
		else response.status(503).json({ status: "not ready", problems });
	});
	app.get("/metrics", async (_request, response) => {
		response.type(options.registry.contentType).send(await options.registry.metrics());
	});
	app.use((_request, response) => {
		response.status(404).json({ error: "not found; /livez, /readyz and /metrics are served here" });
	});
	const server = createServer(app);
	server.listen(options.port, options.host);
	await once(server, "listening");
	const { address, port } = server.address() as AddressInfo;
	return {
		address,
		port,
		stop: async () => {
			const closed = once(server, "close");
			server.close();
			server.closeAllConnections();
			await closed;
		},
	};
}

function failed(checks: HealthOptions["readiness"]): { readonly check: string; readonly message: string }[] {
	return Object.entries(checks).flatMap(([check, run]) => {
		const message = run();
		return message === undefined ? [] : [{ check, message }];
	});
}
