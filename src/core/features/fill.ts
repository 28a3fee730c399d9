import { slowdown } from "../model/response.ts";
import type { Contention } from "./contention.ts";
import type { NodeSeries } from "./node-series.ts";
import { NO_ROW } from "./node-table.ts";
import type { FeaturePlan } from "./plan.ts";
import { isAdditional, type Situation } from "./situation.ts";
import type { WorkloadColumns } from "./workload-columns.ts";

/** One workload on a list of nodes, ready to be written into a model's input. */
export interface WhatIf {
	readonly plan: FeaturePlan;
	/** Rows of the node table, NO_ROW where the node is unknown. */
	readonly rows: Int32Array;
	readonly workload: Extract<WorkloadColumns, { known: true }>;
	/** By position in `rows`: utilization on top of the measured one. */
	readonly added: Float32Array;
	/** Rows of the nodes where the workload runs now. */
	readonly currentRows: ReadonlySet<number>;
	/** What of the measured one gives way to this workload's pod. */
	readonly contention: Contention;
	/** By position in `rows`: the least utilization that its CPU limit lets this workload's pod meet. */
	readonly throttled: Float32Array | undefined;
}

/** A run of rows: positions `from` to `to` (exclusive) of a what-if, at row `offset` of the input. */
export interface Span {
	readonly from: number;
	readonly to: number;
	readonly offset: number;
}

/** Where one column's values go: every `stride`-th element from `first` on. */
interface Strided {
	readonly input: Float32Array;
	readonly first: number;
	readonly stride: number;
	readonly window: number;
}

/**
 * Utilization that a pod would bring to each node: what else is on its way there by the ledger, and its own
 * demand, scaled by the node's speed, unless it runs there already and measurements hold it.
 */
export function addedUtilization(
	plan: FeaturePlan,
	rows: Int32Array,
	pod: Situation & { cpuDemand: number },
): Float32Array {
	const { nodes } = plan;
	const added = new Float32Array(rows.length);
	const staysOn = new Set<number>();
	if (!isAdditional(pod)) for (const node of pod.currentNodes.keys()) staysOn.add(nodes.row(node));
	const ownMove = nodes.ownMove(pod.workload);
	const only = staysOn.size === 1 ? [...staysOn][0] : undefined;
	for (let position = 0; position < rows.length; position += 1) {
		const row = rows[position] as number;
		const isThere = only === undefined ? staysOn.has(row) : row === only;
		const own = isThere ? 0 : pod.cpuDemand / (nodes.speed[row] as number);
		const reserved = row === ownMove?.row ? ownMove.cpuCores : 0;
		added[position] = ((nodes.inFlight[row] as number) - reserved + own) / (nodes.cores[row] as number);
	}
	return added;
}

/** Writes row-major `[rows, window, features]` float32; what is Unknown becomes NaN. */
export function fill(input: Float32Array, whatIf: WhatIf, span: Span): void {
	const { plan, rows, workload, added, contention, throttled } = whatIf;
	const { window, features } = plan.metadata;
	const stride = features.length;
	plan.columns.forEach((column, index) => {
		const target: Strided = { input, first: span.offset * window * stride + index, stride, window };
		const values = workload.windows[index];
		if (values) {
			fillWorkload(target, values, span.to - span.from);
			fillHere(target, workload.here[index], whatIf, span);
		} else if (column.source === "NodeSpeed") fillConstants(target, plan.nodes.pace, rows.subarray(span.from, span.to));
		else if (column.source === "ObjectiveAfterMove") fillObjective(target, column.series, whatIf, span);
		else if (column.source !== "Workload") {
			const isUtilization = column.source === "UtilizationAfterMove";
			fillSeries(target, column.series, {
				rows: rows.subarray(span.from, span.to),
				added: isUtilization ? added.subarray(span.from, span.to) : undefined,
				contention: isUtilization ? contention : undefined,
			});
			if (isUtilization && plan.isSinceChange) holdBack(target, plan, rows.subarray(span.from, span.to));
			if (isUtilization && throttled) fillThrottled(target, throttled.subarray(span.from, span.to));
		}
	});
}

/** The objective's history as each node would have shaped it: idle objective x slowdown / pace, step by step. */
function fillObjective(
	{ input, first, stride, window }: Strided,
	{ values, steps }: NodeSeries,
	{ plan, rows, workload, added, contention, throttled }: WhatIf,
	{ from, to }: Span,
): void {
	const idle = workload.idleObjective;
	let at = first;
	for (let position = from; position < to; position += 1) {
		const row = rows[position] as number;
		const oldest = row * steps + steps - window;
		const pace = row === NO_ROW ? Number.NaN : (plan.nodes.pace[row] as number);
		const more = added[position] as number;
		const less = contention.relief(row);
		const least = throttled?.[position] ?? 0;
		for (let step = 0; step < window; step += 1) {
			const met = (values[oldest + step] as number) - (less?.[steps - window + step] ?? 0);
			const shaped = slowdown(Math.max(met + more, least)) / pace;
			input[at] = (idle?.[step] as number) * shaped;
			at += stride;
		}
	}
}

/** What was before the newest change of a node's load no longer counts: it becomes what came first after it. */
function holdBack({ input, first, stride, window }: Strided, plan: FeaturePlan, rows: Int32Array): void {
	const skipped = plan.nodes.utilization.steps - window;
	for (let position = 0; position < rows.length; position += 1) {
		const row = rows[position] as number;
		const since = row === NO_ROW || plan.state(row) !== "Known" ? 0 : plan.firstStep(row) - skipped;
		const start = first + position * window * stride;
		for (let step = 0; step < since; step += 1) input[start + step * stride] = input[start + since * stride] as number;
	}
}

/** However idle its node is, a pod meets its own limit. */
function fillThrottled({ input, first, stride, window }: Strided, throttled: Float32Array): void {
	let at = first;
	for (const least of throttled) {
		for (let step = 0; step < window; step += 1) {
			input[at] = Math.max(input[at] as number, least);
			at += stride;
		}
	}
}

function fillWorkload({ input, first, stride, window }: Strided, values: Float32Array, count: number): void {
	let at = first;
	for (let row = 0; row < count; row += 1) {
		for (let step = 0; step < window; step += 1) {
			input[at] = values[step] as number;
			at += stride;
		}
	}
}

/** Puts another value where the workload runs now. */
function fillHere(
	{ input, first, stride, window }: Strided,
	value: number | undefined,
	{ rows, currentRows }: Pick<WhatIf, "rows" | "currentRows">,
	{ from, to }: Span,
): void {
	if (value === undefined) return;
	for (let position = from; position < to; position += 1) {
		if (!currentRows.has(rows[position] as number)) continue;
		for (let step = (position - from) * window; step < (position - from + 1) * window; step += 1) {
			input[first + step * stride] = value;
		}
	}
}

function fillConstants({ input, first, stride, window }: Strided, values: Float32Array, rows: Int32Array): void {
	let at = first;
	for (let position = 0; position < rows.length; position += 1) {
		const row = rows[position] as number;
		const value = row === NO_ROW ? Number.NaN : (values[row] as number);
		for (let step = 0; step < window; step += 1) {
			input[at] = value;
			at += stride;
		}
	}
}

function fillSeries(
	{ input, first, stride, window }: Strided,
	series: NodeSeries,
	{
		rows,
		added,
		contention,
	}: {
		readonly rows: Int32Array;
		readonly added: Float32Array | undefined;
		readonly contention: Contention | undefined;
	},
): void {
	const { values, steps } = series;
	const skipped = steps - window;
	let at = first;
	for (let position = 0; position < rows.length; position += 1) {
		const row = rows[position] as number;
		const from = row * steps + skipped;
		const more = row === NO_ROW ? Number.NaN : added === undefined ? 0 : (added[position] as number);
		for (let step = 0; step < window; step += 1) {
			// Reads past the start (NO_ROW) give undefined, and NaN once added.
			input[at] = (values[from + step] as number) + more;
			at += stride;
		}
		// A loop of its own, since few rows need it and millions pass here.
		contention
			?.relief(row)
			?.subarray(skipped)
			.forEach((less, step) => {
				input[at + (step - window) * stride] = (input[at + (step - window) * stride] as number) - less;
			});
	}
}
