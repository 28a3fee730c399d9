import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { carryOut, type IssueSettings } from "./carry-out.ts";
import type { KeyPair } from "./pair.ts";
import { expiresAt, nextStep } from "./renewal.ts";
import { type CertificateState, fromSecretData, toSecretData, trustBundle } from "./state.ts";
import type { CertificateStore, StoredSecret } from "./store.ts";

export interface CertificateManagerOptions {
	readonly store: CertificateStore;
	readonly settings: IssueSettings;
	/** Seconds between two looks at the Secret and the caBundle. */
	readonly checkInterval: number;
	/** ms since the epoch. */
	readonly clock: () => number;
	readonly logger: Logger;
	/** Called with every leaf to be served from now on, the first one included. */
	readonly onCertificate: (leaf: KeyPair) => void;
}

/** Steps and lost races in one check; more means that something undoes what we write. */
const MAX_ATTEMPTS = 10;
/** Pause after a failed check. */
const RETRY_MS = 2_000;

/**
 * Keeps the serving certificate valid and trusted. Every replica runs one and any may write: what is
 * stored decides what is due, and resourceVersions decide who wins, so replicas need no leader here.
 */
export class CertificateManager {
	private readonly options: CertificateManagerOptions;
	private readonly stopping = new AbortController();
	private waking = new AbortController();
	private running: Promise<void> | undefined;
	private served: KeyPair | undefined;
	private failure: string | undefined = "certificates were not checked yet";

	constructor(options: CertificateManagerOptions) {
		this.options = options;
	}

	/** Starts checking; resolves with the first leaf once there is one. Rejects when stopped before. */
	async start(): Promise<KeyPair> {
		this.running = this.checkForever();
		for (;;) {
			if (this.served) return this.served;
			await sleep(10, undefined, { signal: this.stopping.signal });
		}
	}

	async stop(): Promise<void> {
		this.stopping.abort();
		await this.running;
	}

	/** Checks now rather than at the next interval: the Secret or the webhook configuration changed. */
	wake(): void {
		this.waking.abort();
	}

	/** For readiness: `undefined` when the served certificate is valid and the API server trusts it. */
	problem(): string | undefined {
		if (!this.served) return this.failure ?? "there is no certificate yet";
		const left = expiresAt(new X509Certificate(this.served.certificate)) - this.options.clock();
		return left <= 0 ? "the certificate has expired" : this.failure;
	}

	/**
	 * One look: carries out what is due, serves the stored leaf and mends the caBundle. Resolves to when
	 * the next step is due (ms). Rejects when the API server fails.
	 */
	async check(): Promise<number> {
		const { store, settings, clock, logger } = this.options;
		for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
			const stored = await store.read();
			const state = stored && fromSecretData(stored.data);
			if (stored && !state) logger.warn("stored certificates are not usable and will be replaced");
			const step = nextStep(state, settings, clock());
			if (step.kind === "Wait") {
				if (state) await this.adopt(state);
				return step.until;
			}
			const next = await carryOut(step, state, settings, clock());
			const outcome = await this.write(next, stored);
			logger.info({ step: step.kind, reason: step.reason, outcome }, "certificate renewal step");
		}
		throw new Error(`the certificate Secret is being changed by others all the time; see who else writes it`);
	}

	private async write(state: CertificateState, stored: StoredSecret | undefined) {
		const data = toSecretData(state);
		const { store } = this.options;
		return stored ? store.update(data, stored.resourceVersion) : store.create(data);
	}

	/** Serves the stored leaf even when the caBundle cannot be written: it may well be right as it is. */
	private async adopt(state: CertificateState): Promise<void> {
		const { store, onCertificate } = this.options;
		try {
			await store.ensureTrusted(trustBundle(state));
		} finally {
			if (this.served?.certificate !== state.leaf.certificate) {
				this.served = state.leaf;
				onCertificate(state.leaf);
			}
		}
	}

	private async checkForever(): Promise<void> {
		while (!this.stopping.signal.aborted) {
			this.waking = new AbortController();
			const signal = AbortSignal.any([this.stopping.signal, this.waking.signal]);
			const wait = await this.checkOnce();
			await sleep(wait, undefined, { signal }).catch(() => undefined);
		}
	}

	/** Resolves to the time to the next check, in ms. */
	private async checkOnce(): Promise<number> {
		const { clock, checkInterval, logger } = this.options;
		try {
			const until = await this.check();
			if (this.failure !== undefined) logger.info("certificates are in order");
			this.failure = undefined;
			// Not all replicas at the same moment.
			const spread = 0.9 + 0.2 * Math.random();
			return Math.max(0, Math.min(checkInterval * 1000 * spread, until - clock()));
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			if (this.failure !== message) logger.warn({ error: message }, "certificates cannot be checked");
			this.failure = message;
			return Math.min(RETRY_MS, checkInterval * 1000);
		}
	}
}
