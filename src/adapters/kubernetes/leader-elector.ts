import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesConnection } from "./connection.ts";
import { ApiError } from "./errors.ts";
import { type Lease, LeaseClient } from "./lease.ts";
import type { Log } from "./log.ts";

export interface LeaderElectorOptions {
	readonly connection: KubernetesConnection;
	readonly namespace: string;
	readonly name: string;
	/** Unique per process, such as the pod's name with a random suffix. */
	readonly identity: string;
	/** Told in the Lease: `v1.2.3`; default: nothing. */
	readonly version?: string;
	/** A Lease not renewed for so long may be taken; default 15. */
	readonly leaseDurationSeconds?: number;
	/** A leader that could not renew for so long steps down; shorter than the Lease's; default 10. */
	readonly renewDeadlineSeconds?: number;
	/** How often candidates try; default 2. */
	readonly retryPeriodSeconds?: number;
	readonly log: Log;
}

type Listener = (isLeader: boolean) => void;

/**
 * Elects one of several processes by a Lease. Whether another's Lease has run out is judged by how long
 * ago *this* process saw it change, never by comparing clocks of two machines, and every write demands
 * that the Lease is as it was read.
 */
export class LeaderElector {
	private readonly options: Required<Omit<LeaderElectorOptions, "version">>;
	private readonly leases: LeaseClient;
	private readonly listeners = new Set<Listener>();
	private readonly stopping = new AbortController();
	/** The Lease as last seen, and when it was first seen so (monotonic ms). */
	private seen: { readonly lease: Lease; readonly at: number } | undefined;
	/** When the newest successful renewal was sent off (monotonic ms). */
	private renewedAt: number | undefined;
	private announced = false;
	/** The failure that was logged last; a Lease that cannot be had is tried for again many times a minute. */
	private reported: string | undefined;
	private expiry: NodeJS.Timeout | undefined;
	private running: Promise<void> | undefined;

	constructor(options: LeaderElectorOptions) {
		this.options = { leaseDurationSeconds: 15, renewDeadlineSeconds: 10, retryPeriodSeconds: 2, ...options };
		this.leases = new LeaseClient({ ...this.options, version: options.version });
	}

	start(): void {
		this.running ??= this.run();
	}

	/** True for as long as nobody else can be leader: it ends by itself when renewals fail. */
	isLeader(): boolean {
		const { renewDeadlineSeconds } = this.options;
		return this.renewedAt !== undefined && performance.now() < this.renewedAt + renewDeadlineSeconds * 1000;
	}

	/** Calls `listener` whenever leadership is won or lost; returns how to end that. */
	onChange(listener: Listener): () => void {
		this.listeners.add(listener);
		return () => void this.listeners.delete(listener);
	}

	/** Gives leadership up, so that another need not wait for the Lease to run out. */
	async stop(): Promise<void> {
		this.stopping.abort();
		await this.running;
		clearTimeout(this.expiry);
		const held = this.isLeader() ? this.seen?.lease : undefined;
		this.renewedAt = undefined;
		this.announce();
		if (!held) return;
		await this.leases.release(held).catch((error: unknown) => {
			this.options.log.warn({ error: String(error) }, "lease not released");
		});
	}

	private async run(): Promise<void> {
		const { signal } = this.stopping;
		const period = this.options.retryPeriodSeconds * 1000;
		while (!signal.aborted) {
			await this.attempt();
			// Candidates that try at the same moment would go on doing so.
			await sleep(period * (1 + Math.random() * 0.2), undefined, { signal, ref: false }).catch(() => undefined);
		}
	}

	private async attempt(): Promise<void> {
		const sentAt = performance.now();
		try {
			const lease = await this.acquire();
			this.renewedAt = lease ? sentAt : undefined;
			if (lease) this.seen = { lease, at: sentAt };
			this.report(undefined);
		} catch (error) {
			if (error instanceof ApiError && error.status === 409) this.renewedAt = undefined;
			else this.report(error instanceof Error ? error.message : String(error));
		}
		this.announce();
	}

	/** Logs a failure once, until it changes or ends. */
	private report(failure: string | undefined): void {
		const { log } = this.options;
		if (failure === this.reported) return;
		if (failure === undefined) log.info({}, "lease can be renewed again");
		else log.warn({ error: failure }, "lease cannot be renewed");
		this.reported = failure;
	}

	/** The Lease when it is ours by now, `undefined` when it is another's. */
	private async acquire(): Promise<Lease | undefined> {
		const lease = await this.leases.read();
		if (!lease) return this.leases.create();
		const now = performance.now();
		if (this.seen?.lease.resourceVersion !== lease.resourceVersion) this.seen = { lease, at: now };
		const { identity, leaseDurationSeconds } = this.options;
		const duration = Math.max(lease.durationSeconds, leaseDurationSeconds) * 1000;
		const isFree = lease.holder === "" || lease.holder === identity || now >= this.seen.at + duration;
		return isFree ? this.leases.hold(lease) : undefined;
	}

	private announce(): void {
		clearTimeout(this.expiry);
		const isLeader = this.isLeader();
		if (isLeader && this.renewedAt !== undefined) {
			const left = this.renewedAt + this.options.renewDeadlineSeconds * 1000 - performance.now();
			this.expiry = setTimeout(() => this.announce(), Math.max(1, left + 1)).unref();
		}
		if (isLeader === this.announced) return;
		this.announced = isLeader;
		const { identity, log } = this.options;
		log.info({ identity }, isLeader ? "became leader" : "no longer leader");
		for (const listener of this.listeners) listener(isLeader);
	}
}
