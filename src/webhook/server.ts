import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { closeServer, type ServingCertificate, secureContext } from "../http/serving.ts";
import { createApp } from "./app.ts";
import type { Decide } from "./mutate.ts";
import type { WebhookTelemetry } from "./telemetry.ts";

export interface WebhookOptions {
	readonly host: string;
	/** 0 picks a free one. */
	readonly port: number;
	readonly certificate: ServingCertificate;
	readonly decide: Decide;
	/** Of the controller, `v1.2.3`; told to who probes the webhook. */
	readonly version?: string | undefined;
	readonly logger: Logger;
	readonly telemetry: WebhookTelemetry;
	/** Default 1. */
	readonly deadlineSeconds?: number | undefined;
	/** How long a stopping server keeps answering; default 10. */
	readonly drainSeconds?: number | undefined;
	/** Default 6 MB: twice what the API server takes for one object. */
	readonly maxBodyBytes?: number | undefined;
}

/** A running webhook. */
export interface Webhook {
	readonly address: string;
	readonly port: number;
	/** False from the moment `stop` is called: readiness must fail then. */
	readonly accepting: boolean;
	/** New connections get this certificate, established ones go on. @throws when it is no usable PEM */
	updateCertificate(certificate: ServingCertificate): void;
	/** Serves on for `drainSeconds`, then finishes what is under way and closes. */
	stop(): Promise<void>;
}

const DEFAULT_MAX_BODY_BYTES = 6 * 1024 * 1024;
/** The API server keeps idle connections for 90 s: closing first would race with its next request. */
const KEEP_ALIVE_MS = 120_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** Starts the mutating webhook; rejects when the port is taken or the certificate is not usable. */
export async function startWebhook(options: WebhookOptions): Promise<Webhook> {
	let draining = false;
	let stopped: Promise<void> | undefined;
	const app = createApp({
		...options,
		deadlineSeconds: options.deadlineSeconds ?? 1,
		maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
		isDraining: () => draining,
	});
	const server = createServer(secureContext(options.certificate), app);
	server.keepAliveTimeout = KEEP_ALIVE_MS;
	server.headersTimeout = HEADERS_TIMEOUT_MS;
	server.requestTimeout = REQUEST_TIMEOUT_MS;
	announceExpiry(options.certificate, options);
	server.listen(options.port, options.host);
	await once(server, "listening");
	const { address, port } = server.address() as AddressInfo;
	options.logger.info({ address, port }, "webhook is listening");
	return {
		address,
		port,
		get accepting() {
			return !draining;
		},
		updateCertificate: (certificate) => {
			server.setSecureContext(secureContext(certificate));
			announceExpiry(certificate, options);
		},
		stop: () => {
			draining = true;
			stopped ??= drain(server, options);
			return stopped;
		},
	};
}

function announceExpiry({ certificate }: ServingCertificate, { telemetry }: Pick<WebhookOptions, "telemetry">): void {
	telemetry.certificateExpires(new X509Certificate(certificate).validToDate.getTime());
}

async function drain(server: Server, { drainSeconds = 10, logger }: WebhookOptions): Promise<void> {
	logger.info({ drainSeconds }, "webhook is draining");
	await sleep(drainSeconds * 1000);
	await closeServer(server);
	logger.info("webhook is closed");
}
