import type { Span, WhatIf } from "../features/fill.ts";
import { excess } from "../features/range.ts";
import { INTERVAL_QUANTILES, outputIndex } from "../model/fits.ts";
import type { Objective } from "../policy/policy.ts";
import { stretchedBelow, widening } from "./interval.ts";
import type { PredictionTable } from "./prediction.ts";

/** Fills one workload's prediction table from a model's output, span by span. */
export class TableBuilder {
	readonly table: PredictionTable;
	private readonly whatIf: WhatIf;
	private readonly columns: readonly number[];
	/** What the metric cannot be below: a bound stops there, a value below is Unknown. */
	private readonly least: number;

	constructor(
		nodes: readonly string[],
		whatIf: WhatIf,
		objective: { readonly aggregate: Objective["aggregate"]; readonly least: number },
	) {
		this.whatIf = whatIf;
		this.least = objective.least;
		const { metadata } = whatIf.plan;
		this.columns = INTERVAL_QUANTILES.map((quantile) => outputIndex(metadata, objective.aggregate, quantile));
		this.table = {
			nodes,
			value: new Float32Array(nodes.length).fill(Number.NaN),
			lower: new Float32Array(nodes.length).fill(Number.NaN),
			upper: new Float32Array(nodes.length).fill(Number.NaN),
			extrapolated: new Uint8Array(nodes.length),
		};
	}

	/** Takes over the model's row-major `[rows, outputs]`; rows of Unknown nodes stay NaN. One loop: there are millions. */
	take(output: Float32Array, span: Span): void {
		const { least, table } = this;
		const { plan, rows, workload, added, contention, throttled } = this.whatIf;
		const { lowest, highest, steps } = plan.nodes.utilization;
		const range = plan.metadata.features[plan.utilizationColumn];
		const width = plan.metadata.outputs.length;
		const [atLower, atMiddle, atUpper] = this.columns as [number, number, number];
		let at = span.offset * width;
		for (let position = span.from; position < span.to; position += 1, at += width) {
			const row = rows[position] as number;
			if (plan.state(row) !== "Known") continue;
			const value = output[at + atMiddle] as number;
			const lower = output[at + atLower] as number;
			const upper = output[at + atUpper] as number;
			// One sum is finite only when all three are.
			if (!Number.isFinite(value + lower + upper) || value < least) continue;
			const more = added[position] as number;
			const own = Math.max(plan.excess[row] as number, workload.excess);
			const since = plan.firstStep(row);
			const met = contention.bounds(row, since);
			const low = (met ? met.lowest : (lowest[row] as number)) + more;
			const high = (met ? met.highest : (highest[row] as number)) + more;
			const busy = throttled?.[position] ?? Number.NEGATIVE_INFINITY;
			const outside = range ? Math.max(own, excess(range, Math.max(low, busy), Math.max(high, busy))) : own;
			const factor = widening(outside, Math.max(plan.missing[row] as number, workload.missing, since / steps));
			table.value[position] = value;
			// Quantiles of a trained model can cross; the interval holds the value all the same.
			table.lower[position] = value - stretchedBelow(Math.max(value - lower, 0), factor, value - least);
			table.upper[position] = value + factor * Math.max(upper - value, 0);
			if (outside > 0) table.extrapolated[position] = 1;
		}
	}
}
