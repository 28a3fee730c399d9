/** Lets asynchronous work on the same thing run one after the other, in the order it came. */
export class Turns<Key> {
	private readonly last = new Map<Key, Promise<void>>();

	async take<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
		const before = this.last.get(key);
		const { promise, resolve } = Promise.withResolvers<void>();
		this.last.set(key, promise);
		try {
			await before;
			return await work();
		} finally {
			if (this.last.get(key) === promise) this.last.delete(key);
			resolve();
		}
	}
}
