/**
 * Which node an index in `qos_{i}` and `cluster_{i}` means: those of the configured list come first, in its order,
 * whether they are there or not; then all others by name. So an index of the list means the same node for ever, and the
 * others mean the same as long as no node comes or goes.
 */
export class NodeOrder {
	private readonly configured: readonly string[];
	/** Lists of candidates are shared by workloads, and sorting thousands of names for each takes its time. */
	private readonly known = new WeakMap<readonly string[], readonly IndexedNode[]>();

	constructor(configured: readonly string[]) {
		this.configured = configured;
	}

	/** The given nodes by index; there are gaps where a configured one is missing. */
	of(nodes: readonly string[]): readonly IndexedNode[] {
		const known = this.known.get(nodes);
		if (known) return known;
		const rows = new Map(nodes.map((node, row) => [node, row]));
		const configured = new Set(this.configured);
		const others = nodes.filter((node) => !configured.has(node)).sort((left, right) => (left < right ? -1 : 1));
		const ordered = [...this.configured, ...others].flatMap((node, index) => {
			const row = rows.get(node);
			return row === undefined ? [] : [{ node, index, row }];
		});
		this.known.set(nodes, ordered);
		return ordered;
	}
}

export interface IndexedNode {
	readonly node: string;
	/** The `i` of `qos_{i}`. */
	readonly index: number;
	/** In the list of candidates. */
	readonly row: number;
}
