/**
 * Starts `count` calls at a steady rate per second, whatever becomes of the earlier ones: a slow answer does not
 * hold up the next request. Resolves when all have ended.
 */
export async function openLoop<T>(
	{ rate, count }: { readonly rate: number; readonly count: number },
	call: (index: number) => Promise<T>,
): Promise<readonly T[]> {
	const pending: Promise<T>[] = [];
	const startedAt = performance.now();
	for (let index = 0; index < count; index++) {
		const wait = startedAt + (index * 1000) / rate - performance.now();
		if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
		pending.push(call(index));
	}
	return Promise.all(pending);
}
