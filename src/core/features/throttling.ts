import type { NodeTable } from "./node-table.ts";

/** Below its limit a pod waits for its quota in few of the periods only: the share of the limit counts by this power. */
const STEEPNESS = 4;

/**
 * How busy its own CPU limit makes any node look to a pod, as a utilization: the quota is handed out anew every
 * period, so a pod well below its limit hardly meets it, and one that wants more waits longer and longer.
 *
 * | share of the limit | 0.5 | 0.8 | 0.95 | 1 | 1.25 |
 * |---|---|---|---|---|---|
 * | looks like | 0.06 | 0.41 | 0.81 | 1 | 1.25 |
 *
 * @param share CPU that the pod wants over its limit; NaN is Unknown
 */
export function throttling(share: number): number {
	return share < 1 ? share ** STEEPNESS : share;
}

/**
 * The same by node.
 * @param share of its limit that the pod wants on a node of speed 1
 * @returns by position in `rows`; `undefined` where it has no limit, or its demand is not known
 */
export function throttlingByNode(
	share: number | undefined,
	{ speed }: NodeTable,
	rows: Int32Array,
): Float32Array | undefined {
	if (share === undefined) return undefined;
	return Float32Array.from(rows, (row) => throttling(share / (speed[row] as number)));
}
