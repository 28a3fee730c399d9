/** What is remembered of each node, column by column: a cycle holds millions of pairs. */
export class LevelColumns {
	nodes: readonly string[];
	/** The smoothed prediction, in the objective's unit; meaningless where `support` is 0. */
	readonly level: Float32Array;
	/** Observations the level rests on since the last change of level; 0: none yet. */
	readonly support: Float32Array;
	/** Mean absolute deviation of observations by their successive differences, in the objective's unit. */
	readonly scatter: Float32Array;
	readonly scatterSupport: Uint8Array;
	/** The last raw prediction: with the level it says how later raw ones are to be corrected. */
	readonly raw: Float32Array;
	/** A line fitted to the last observations: its end, its slope per observation, and how many it rests on. */
	readonly line: Float32Array;
	readonly slope: Float32Array;
	readonly fitted: Uint8Array;
	/** Outliers in a row to one side, signed, and their mean. */
	readonly outliers: Int8Array;
	readonly outlierMean: Float32Array;

	constructor(nodes: readonly string[]) {
		const size = nodes.length;
		this.nodes = nodes;
		this.level = new Float32Array(size);
		this.support = new Float32Array(size);
		this.scatter = new Float32Array(size);
		this.scatterSupport = new Uint8Array(size);
		this.raw = new Float32Array(size);
		this.line = new Float32Array(size);
		this.slope = new Float32Array(size);
		this.fitted = new Uint8Array(size);
		this.outliers = new Int8Array(size);
		this.outlierMean = new Float32Array(size);
	}

	/** The same memory for another list of nodes: by name, since nodes come and go. */
	for(nodes: readonly string[]): LevelColumns {
		if (nodes === this.nodes) return this;
		if (nodes.length === this.nodes.length && nodes.every((node, row) => node === this.nodes[row])) {
			// Lists are made anew for every evaluation; knowing this one saves the comparison for the next look.
			this.nodes = nodes;
			return this;
		}
		const next = new LevelColumns(nodes);
		const rows = new Map(this.nodes.map((node, row) => [node, row]));
		nodes.forEach((node, row) => {
			const from = rows.get(node);
			if (from !== undefined) next.copy(row, this, from);
		});
		return next;
	}

	/** The levels that the nodes have shown so far, the newest aside. */
	range(): { readonly least: number; readonly most: number } {
		const { level, support } = this;
		let least = Number.POSITIVE_INFINITY;
		let most = Number.NEGATIVE_INFINITY;
		for (let row = 0; row < level.length; row += 1) {
			if ((support[row] as number) <= 2) continue;
			const own = level[row] as number;
			if (own < least) least = own;
			if (own > most) most = own;
		}
		return { least, most };
	}

	/** Begins anew at a level that rests on `support` observations. */
	restart(row: number, level: number, support: number): void {
		this.level[row] = level;
		this.support[row] = support;
		this.line[row] = level;
		this.slope[row] = 0;
		this.fitted[row] = 1;
		this.outliers[row] = 0;
	}

	private copy(row: number, source: LevelColumns, from: number): void {
		this.level[row] = source.level[from] as number;
		this.support[row] = source.support[from] as number;
		this.scatter[row] = source.scatter[from] as number;
		this.scatterSupport[row] = source.scatterSupport[from] as number;
		this.raw[row] = source.raw[from] as number;
		this.line[row] = source.line[from] as number;
		this.slope[row] = source.slope[from] as number;
		this.fitted[row] = source.fitted[from] as number;
		this.outliers[row] = source.outliers[from] as number;
		this.outlierMean[row] = source.outlierMean[from] as number;
	}
}
