/** What the benchmarked server says once it listens. */
export interface StartedServer {
	readonly port: number;
	/** PEM to trust. */
	readonly authority: string;
}

export interface Period {
	readonly from: number;
	readonly to: number;
}

/** What it says of itself whenever it is asked. */
export interface ServerUsage {
	readonly cpuSeconds: number;
	readonly rssMiB: number;
	/** From loading another model to serving it, ms since the epoch. */
	readonly switches: readonly Period[];
}
