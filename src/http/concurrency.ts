/** Runs `work` on every item, at most `limit` at a time. Rejects with the first rejection. */
export async function forEachConcurrently<T>(
	items: Iterable<T>,
	limit: number,
	work: (item: T) => Promise<void>,
): Promise<void> {
	const queue = items[Symbol.iterator]();
	async function worker(): Promise<void> {
		for (let next = queue.next(); next.done !== true; next = queue.next()) await work(next.value);
	}
	await Promise.all(Array.from({ length: limit }, worker));
}
