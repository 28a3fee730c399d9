/** Values that hold for a while, at most `capacity` of them; the oldest go first. Those that are being fetched are shared. */
export class ExpiringCache<T> {
	private readonly entries = new Map<string, { readonly value: Promise<T>; readonly until: number }>();
	private readonly options: {
		readonly seconds: number;
		readonly capacity: number;
		/** ms since the epoch. */
		readonly clock: () => number;
		/** What is not kept is asked for again next time. */
		readonly isKept: (value: T) => boolean;
	};

	constructor(options: ExpiringCache<T>["options"]) {
		this.options = options;
	}

	/** The value under a key; `fetch` brings it when there is none. Rejects as `fetch` does, and then keeps nothing. */
	async get(key: string, fetch: () => Promise<T>): Promise<T> {
		const { seconds, capacity, clock, isKept } = this.options;
		const known = this.entries.get(key);
		if (known && known.until > clock()) return known.value;
		const entry = { value: fetch(), until: clock() + seconds * 1000 };
		this.entries.delete(key);
		this.entries.set(key, entry);
		for (const oldest of this.entries.keys()) {
			if (this.entries.size <= capacity) break;
			this.entries.delete(oldest);
		}
		let kept = false;
		try {
			const value = await entry.value;
			kept = isKept(value);
			return value;
		} finally {
			if (!kept && this.entries.get(key) === entry) this.entries.delete(key);
		}
	}
}
