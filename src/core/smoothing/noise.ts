/** Standard deviation over mean absolute deviation of a normal distribution: sqrt(pi / 2). */
const SIGMA_PER_DEVIATION = Math.sqrt(Math.PI / 2);

/** What the workload's nodes have in common counts as this many observations of each. */
const SHARED_SUPPORT = 5;

/** Observations over which the shared noise is averaged at the most. */
const MEMORY = 600;

/** Differences below this share of the value are nobody's concern: a move costs about as much. */
const LEAST_SHARE = 0.01;

/** How much predictions scatter about their level: per node, shrunk to what is common to the workload's nodes. */
export class SharedNoise {
	/** Mean absolute deviation as a share of the level, over all nodes. */
	private share = 0;
	private support = 0;

	/** Whether anything is known of the noise. */
	get isKnown(): boolean {
		return this.support > 0;
	}

	/**
	 * Standard deviation of an observation about `level`, given a node's own scatter (mean absolute
	 * deviation) and how many observations that rests on. Few observations underestimate their scatter, hence the factor.
	 */
	sigma(level: number, scatter: number, support: number): number {
		const size = Math.abs(level);
		const common = this.share * size;
		const shrunk = (scatter * support + common * SHARED_SUPPORT) / (support + SHARED_SUPPORT);
		const fewness = 1 + 2 / Math.max(this.support, 1);
		return Math.max(shrunk * SIGMA_PER_DEVIATION * fewness, LEAST_SHARE * size, Number.MIN_VALUE);
	}

	/** Takes in one evaluation's scatter of all nodes, as shares of their levels. */
	add(sum: number, count: number): void {
		if (count === 0) return;
		this.support = Math.min(this.support + count, MEMORY);
		this.share += (sum / count - this.share) * Math.min(1, count / this.support);
	}
}
