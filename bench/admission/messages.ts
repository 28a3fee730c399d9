/** What the benchmarked server says once it listens. */
export interface StartedServer {
	readonly port: number;
	/** PEM to trust. */
	readonly authority: string;
}

/** What it says of itself whenever it is asked. */
export interface ServerUsage {
	readonly cpuSeconds: number;
	readonly rssMiB: number;
}
