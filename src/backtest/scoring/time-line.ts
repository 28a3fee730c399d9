/** Most buckets that curves are drawn with. */
const MAX_BUCKETS = 256;
const FEWEST_BUCKETS = 16;
const SUMS = ["net", "ticks", "covered", "intervals"] as const;

/** Sums of one policy over a bucket of time. */
export type BucketSums = Record<(typeof SUMS)[number], number>;

/**
 * Cuts a trace of unknown length into at most 256 buckets of equally many ticks: when they are all
 * full, every two become one.
 */
export class TimeLine {
	/** Ticks per bucket. */
	stride = 1;
	private ticks = 0;
	private limit = MAX_BUCKETS;
	/** ms since the epoch at which each bucket begins. */
	starts: number[] = [];
	end = 0;

	/** Begins a tick; calls `halve` when the buckets must be merged before it. Gives its bucket. */
	begin(time: number, halve: () => void): number {
		while (this.ticks >= this.limit * this.stride) {
			this.merge();
			halve();
		}
		const bucket = Math.floor(this.ticks / this.stride);
		this.starts[bucket] ??= time;
		this.end = time;
		this.ticks += 1;
		return bucket;
	}

	/** Whether the tick just begun is its bucket's last one. */
	get isFull(): boolean {
		return this.ticks % this.stride === 0;
	}

	/** Goes on with half as many buckets: they take too much memory. */
	economize(): void {
		this.limit = Math.max(FEWEST_BUCKETS, this.limit / 2);
	}

	private merge(): void {
		this.stride *= 2;
		this.starts = this.starts.filter((_, bucket) => bucket % 2 === 0);
	}
}

/** One policy's sums per bucket of the time line. */
export class Curve {
	private buckets: BucketSums[] = [];

	at(bucket: number): BucketSums {
		while (this.buckets.length <= bucket) this.buckets.push({ net: 0, ticks: 0, covered: 0, intervals: 0 });
		return this.buckets[bucket] as BucketSums;
	}

	halve(): void {
		const merged: BucketSums[] = [];
		for (const [index, bucket] of this.buckets.entries()) {
			const into = (merged[index >> 1] ??= { net: 0, ticks: 0, covered: 0, intervals: 0 });
			for (const name of SUMS) into[name] += bucket[name];
		}
		this.buckets = merged;
	}

	get sums(): readonly Readonly<BucketSums>[] {
		return this.buckets;
	}
}
