import type { NodeTable } from "./node-table.ts";

/** What a pod wants of its CPU limit. */
export interface LimitUse {
	/** CPU that it wants over its limit; NaN is Unknown. */
	readonly share: number;
	/** The limit in cores. */
	readonly limit: number;
}

/**
 * How busy its own CPU limit makes any node look to a pod, as a utilization: the slowdown 1 + x looks like x / (1 + x).
 * Of a limit of L cores a request waits for the quota as in the queue M/D/1 of a server of speed L, x = share / (2 L (1 - share))
 * (Kleinrock, Queueing Systems I, 1975), but less, since the quota of a period, 100 ms, comes at once and lasts for a few
 * requests: the third power of the share stands for that. It is within a factor of two of a simulated quota from half of the
 * limit on, for requests of a few milliseconds. Nobody gets beyond 1 below the limit; a pod that wants more waits ever longer.
 *
 * | share of the limit | 0.3 | 0.5 | 0.7 | 0.8 | 0.9 | 1 | 1.25 |
 * |---|---|---|---|---|---|---|---|
 * | looks like, limit 0.16 | 0.11 | 0.44 | 0.78 | 0.89 | 0.96 | 1 | 1.25 |
 * | looks like, limit 1 | 0.02 | 0.11 | 0.36 | 0.56 | 0.78 | 1 | 1.25 |
 *
 * @param pace what one request gets of an idle node at most, 1 being a core: the limit counts against that
 */
export function throttling({ share, limit }: LimitUse, pace: number): number {
	if (share >= 1) return share;
	const waits = (pace * share ** 3) / (2 * limit * (1 - share));
	return waits / (1 + waits);
}

/**
 * The same by node.
 * @param use on a node of speed 1
 * @returns by position in `rows`; `undefined` where it has no limit, or its demand is not known
 */
export function throttlingByNode(
	use: LimitUse | undefined,
	{ speed, pace }: Pick<NodeTable, "speed" | "pace">,
	rows: Int32Array,
): Float32Array | undefined {
	if (use === undefined) return undefined;
	return Float32Array.from(rows, (row) => {
		const perCore = speed[row] as number;
		return throttling({ share: use.share / perCore, limit: use.limit }, (pace[row] as number) / perCore);
	});
}
