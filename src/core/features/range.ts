import type { FeatureDefinition } from "../model/model.ts";

/** Training range of a feature; infinite bounds where any value was seen. */
export type Range = Pick<FeatureDefinition, "min" | "max">;

/** How far [lowest, highest] reaches out of a range, as a share of the range's width: 0 inside, at most 1. */
export function excess(range: Range, lowest: number, highest: number): number {
	const outside = Math.max(range.min - lowest, highest - range.max, 0);
	if (outside === 0) return 0;
	const width = range.max - range.min;
	return Number.isFinite(width) && width > 0 ? Math.min(outside / width, 1) : 1;
}
