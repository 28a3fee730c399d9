import { once } from "node:events";
import { createServer as createPlainServer, type Server } from "node:http";
import { createServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { closeServer, type ServingCertificate, secureContext } from "../http/serving.ts";
import { type AgentAppOptions, createAgentApp } from "./app.ts";

export interface AgentOptions extends AgentAppOptions {
	readonly host: string;
	/** 0 picks a free one. */
	readonly port: number;
	/** Absent: plain HTTP. */
	readonly certificate: ServingCertificate | undefined;
	readonly logger: Logger;
}

/** A running server of the agent's API. */
export interface AgentServer {
	readonly address: string;
	readonly port: number;
	/** New connections get this certificate. @throws when it is no usable PEM */
	updateCertificate(pair: ServingCertificate): void;
	stop(): Promise<void>;
}

const LIMITS = { headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: 30_000 };
const MAX_CONNECTIONS = 200;

/** Rejects when the port is taken or the certificate is not usable. */
export async function startAgentServer(options: AgentOptions): Promise<AgentServer> {
	const { host, port, certificate, logger } = options;
	const app = createAgentApp(options);
	const tls = certificate && createServer({ ...LIMITS, ...secureContext(certificate) }, app);
	const server: Server | TlsServer = tls ?? createPlainServer(LIMITS, app);
	server.maxConnections = MAX_CONNECTIONS;
	server.listen(port, host);
	await once(server, "listening");
	const bound = server.address() as AddressInfo;
	logger.info({ address: bound.address, port: bound.port, tls: tls !== undefined }, "the agent's API is served");
	return {
		address: bound.address,
		port: bound.port,
		updateCertificate: (pair) => tls?.setSecureContext(secureContext(pair)),
		stop: () => closeServer(server),
	};
}
