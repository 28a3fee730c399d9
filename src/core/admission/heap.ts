/** A binary heap of small integers (positions in arrays); `before` says which of two comes out first. */
export class Heap {
	private readonly items: number[];
	private readonly before: (left: number, right: number) => boolean;

	constructor(items: readonly number[], before: (left: number, right: number) => boolean) {
		this.items = [...items];
		this.before = before;
		for (let at = (this.items.length >> 1) - 1; at >= 0; at -= 1) this.sink(at);
	}

	get size(): number {
		return this.items.length;
	}

	/** The first item, which stays in. */
	peek(): number | undefined {
		return this.items[0];
	}

	push(item: number): void {
		this.items.push(item);
		let at = this.items.length - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (!this.before(item, this.items[parent] as number)) break;
			this.items[at] = this.items[parent] as number;
			at = parent;
		}
		this.items[at] = item;
	}

	/** Takes the first item out. */
	pop(): number | undefined {
		const first = this.items[0];
		const last = this.items.pop();
		if (last !== undefined && this.items.length > 0) {
			this.items[0] = last;
			this.sink(0);
		}
		return first;
	}

	private sink(from: number): void {
		const item = this.items[from] as number;
		let at = from;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= this.items.length) break;
			const right = child + 1;
			if (right < this.items.length && this.before(this.items[right] as number, this.items[child] as number)) {
				child = right;
			}
			if (!this.before(this.items[child] as number, item)) break;
			this.items[at] = this.items[child] as number;
			at = child;
		}
		this.items[at] = item;
	}
}
