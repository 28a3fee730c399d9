/** Times in ms, one per request. */
export class Latencies {
	private readonly values: number[] = [];

	add(milliseconds: number): void {
		this.values.push(milliseconds);
	}

	get count(): number {
		return this.values.length;
	}

	/** The nearest-rank quantile. */
	quantile(share: number): number {
		const sorted = this.values.toSorted((left, right) => left - right);
		return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
	}
}
