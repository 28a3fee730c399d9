/** A run as a tracker holds it. */
export interface RunRecord {
	readonly id: string;
	readonly name: string | undefined;
	/** `FINISHED` when it is whole. */
	readonly status: string;
	/** ms since the epoch by our clock, whatever the tracker's says. */
	readonly startedAt: number;
	/** May be NaN or infinite. */
	readonly metrics: ReadonlyMap<string, number>;
	readonly params: ReadonlyMap<string, string>;
	readonly tags: ReadonlyMap<string, string>;
	/** Somebody has acted on it. */
	readonly isAnalysed: boolean;
}

/** What is known of an experiment's newest runs. */
export interface Runs {
	/** Newest first, as far back as was asked; `undefined`: never read. */
	readonly runs: readonly RunRecord[] | undefined;
	/** One line: why they cannot be read (any more). */
	readonly problem: string | undefined;
}

/** Port: runs of an experiment tracker. Answers from memory; what is asked for is read again and again from then on. */
export interface RunSource {
	newest(experiment: string, windowSeconds: number): Runs;
	/** A decision acted on this run: nobody shall do so again. Never throws. */
	analysed(runId: string): void;
}
