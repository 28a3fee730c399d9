import { once } from "node:events";
import type { Server } from "node:http";
import type { Server as TlsServer } from "node:https";

/** PEM of a serving certificate (leaf first) and of its private key. */
export interface ServingCertificate {
	readonly certificate: string;
	readonly key: string;
}

/** How long requests under way may take once the port is closed. */
const CLOSE_GRACE_MS = 2_000;

/** What a TLS server is made with, and given anew when its certificate changes. */
export function secureContext({ certificate, key }: ServingCertificate) {
	return { cert: certificate, key, minVersion: "TLSv1.2" } as const;
}

/** Takes no more connections, lets requests under way end for a moment, and resolves when none is left. */
export async function closeServer(server: Server | TlsServer): Promise<void> {
	const closed = once(server, "close");
	server.close();
	server.closeIdleConnections();
	const force = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
	await closed;
	clearTimeout(force);
}
