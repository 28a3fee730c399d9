import { X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, expect, test } from "vitest";
import { CertificateManager } from "../../certs/manager.ts";
import { startWebhook, type Webhook } from "../../src/webhook/server.ts";
import { createWebhookTelemetry } from "../../src/webhook/telemetry.ts";
import { MemoryStore } from "../unit/certs/memory-store.ts";
import { review } from "../unit/webhook/reviews.ts";
import { send } from "./webhook-client.ts";

/** Whatever is trusted reaches clients so much later; shorter than the overlap. */
const TRUST_LAG_MS = 400;

/** Certificates that are renewed 2 s after they are made. */
const settings = {
	hosts: ["127.0.0.1"],
	renewBefore: 18,
	overlap: 1,
	authorityValidity: 20,
	leafValidity: 20,
};

const CERTIFICATE = /-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g;

const logger = pino({ level: "silent" });
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
	for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function replica(store: MemoryStore): Promise<Webhook> {
	let webhook: Webhook | undefined;
	const manager = new CertificateManager({
		store,
		settings,
		checkInterval: 0.2,
		clock: Date.now,
		logger,
		onCertificate: (leaf) => webhook?.updateCertificate(leaf),
	});
	const certificate = await manager.start();
	webhook = await startWebhook({
		host: "127.0.0.1",
		port: 0,
		certificate,
		decide: async () => ({ kind: "Skip", reason: "NoPolicy", message: "none" }),
		logger,
		telemetry: createWebhookTelemetry(new Registry()),
		drainSeconds: 0,
	});
	const started = webhook;
	cleanups.push(async () => {
		await started.stop();
		await manager.stop();
	});
	return webhook;
}

/** What the API server trusts: the bundle as it was a moment ago. */
class LaggingTrust {
	private readonly store: MemoryStore;
	private readonly bundles: { readonly at: number; readonly pem: string }[];
	/** Serial numbers of all authorities that were ever trusted. */
	readonly authorities = new Set<string>();

	constructor(store: MemoryStore) {
		this.store = store;
		this.bundles = [{ at: 0, pem: store.trusted }];
	}

	bundle(): string {
		const { trusted } = this.store;
		const now = Date.now();
		if (this.bundles.at(-1)?.pem !== trusted) this.bundles.push({ at: now, pem: trusted });
		for (const pem of trusted.match(CERTIFICATE) ?? []) this.authorities.add(new X509Certificate(pem).serialNumber);
		return this.bundles.findLast(({ at }) => at <= now - TRUST_LAG_MS)?.pem ?? "";
	}
}

const body = JSON.stringify(review());

async function handshake(port: number, ca: string): Promise<void> {
	const agent = new Agent({ ca, maxCachedSessions: 0 });
	try {
		await send({ port, agent }, { body });
	} finally {
		agent.destroy();
	}
}

test("authorities and leaves rotate under load on two replicas without one failed handshake", async () => {
	const store = new MemoryStore();
	const webhooks = await Promise.all([replica(store), replica(store)]);
	const trust = new LaggingTrust(store);
	const leaves = new Set<string>();
	const failures: unknown[] = [];
	let handshakes = 0;
	const kept = webhooks.map(({ port }) => ({
		port,
		agent: new Agent({ keepAlive: true, maxSockets: 1, ca: store.trusted }),
	}));
	const end = Date.now() + 30_000;
	while ((trust.authorities.size < 3 || leaves.size < 3) && Date.now() < end) {
		const ca = trust.bundle();
		handshakes += webhooks.length;
		const calls = [
			...webhooks.map(({ port }) => handshake(port, ca)),
			...kept.map(async (to) => void (await send(to, { body }))),
		];
		for (const outcome of await Promise.allSettled(calls)) {
			if (outcome.status === "rejected") failures.push(outcome.reason);
		}
		leaves.add(store.secret?.data["tls.crt"] ?? "");
		await sleep(20);
	}
	for (const { agent } of kept) agent.destroy();

	expect(failures).toEqual([]);
	expect(handshakes).toBeGreaterThan(20);
	expect(trust.authorities.size).toBeGreaterThanOrEqual(3);
	expect(leaves.size).toBeGreaterThanOrEqual(3);
});
