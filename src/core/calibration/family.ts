import type { WorkloadKey } from "../cluster/workload.ts";
import type { CalibrationSubject } from "../prediction/calibration.ts";
import type { Prediction, PredictionTable } from "../prediction/prediction.ts";
import { Bias } from "./bias.ts";
import type { Arrival, Outcome } from "./outcome.ts";
import { SPREAD } from "./outcome.ts";
import { addScale, logScale, newScaledReach, type Reach, type ScaledReach, scaleOf, track } from "./reach.ts";
import { relativeError } from "./residual.ts";

/** Of predictions for where a workload is. */
const STAYING = { workload: 0.3, node: 0.1, pair: 0.1, window: 0.3 };
/** Of predictions for where it is not yet, beyond these: every move tells of one only. */
const ARRIVING = { workload: 0.05, node: 0.15, pair: 0.15, window: 0.2 };

/** How far one window's miss moves the ends: of all workloads together, of this one, of it on this node. */
const FAMILY_STEP = 0.1;
const WORKLOAD_STEP = 0.5;
const PAIR_STEP = 0.1;
/** How far a broken promise moves the ends of all predictions for elsewhere. */
const ARRIVAL_STEP = 0.3;

/** A model that is sure of itself gets at least this half width, as a share of the value, to work on. */
const LEAST_HALF_WIDTH = 0.002;

interface WorkloadRecord extends ScaledReach {
	/** By node, beyond the workload's own. */
	readonly pairs: Map<string, Reach>;
	/** When the newest outcome was predicted (ms). */
	predictedAt: number;
}

/** Columns of a table on their way: by row, how values are multiplied and half widths stretched. */
interface Columns {
	readonly bias: Float64Array;
	readonly lower: Float64Array;
	readonly upper: Float64Array;
}

/** What is learned of one model's predictions for one kind of objective. */
export class Family {
	readonly all = newScaledReach();
	readonly arrivals: Reach = { lower: 0, upper: 0 };
	readonly workloads = new Map<WorkloadKey, WorkloadRecord>();
	readonly staying = new Bias(STAYING);
	readonly arriving = new Bias(ARRIVING);
	private columns: Columns = { bias: new Float64Array(0), lower: new Float64Array(0), upper: new Float64Array(0) };
	private byNodes = new WeakMap<readonly string[], NodeColumns>();

	learn(outcome: Outcome): void {
		const { workload, node, raw, issued, actual, at, horizonSeconds } = outcome;
		const record = this.record(workload);
		const windows = newWindows(record, at, horizonSeconds);
		if (windows === 0) return;
		record.predictedAt = Math.max(record.predictedAt, at);
		const error = relativeError(actual, raw.value);
		if (error !== undefined) this.staying.learn(workload, node, { error, windows });
		const share = windows / this.workloads.size;
		const size = errorSize(outcome);
		if (size !== undefined) {
			addScale(this.all, size, share);
			addScale(record, size, windows);
		}
		const pair = record.pairs.get(node) ?? { lower: 0, upper: 0 };
		record.pairs.set(node, pair);
		track(this.all, issued, actual, FAMILY_STEP * share);
		track(record, issued, actual, WORKLOAD_STEP * windows);
		track(pair, issued, actual, PAIR_STEP * windows);
	}

	learnArrival({ workload, node, issued, actual }: Arrival): void {
		const error = relativeError(actual, issued.value);
		if (error === undefined) return;
		// The promise was corrected by what was known then; the error is on top of it.
		this.arriving.learn(workload, node, { error: error + this.arriving.of(workload, node), windows: 1 });
		track(this.arrivals, issued, actual, ARRIVAL_STEP);
	}

	/** Corrects a table in place. */
	calibrate({ workload, currentNodes, least }: CalibrationSubject, table: PredictionTable): void {
		const size = table.nodes.length;
		const columns = this.columnsFor(size);
		const nodes = this.nodeColumns(table.nodes);
		this.fillElsewhere(columns, workload, nodes);
		for (const node of this.visited(workload, currentNodes)) {
			const row = nodes.rows.get(node);
			if (row !== undefined) this.fillRow(columns, row, { workload, node, currentNodes });
		}
		apply(table, columns, least);
	}

	forget(workload: WorkloadKey): void {
		this.workloads.delete(workload);
		for (const bias of [this.staying, this.arriving]) {
			for (const node of bias.nodesOf(workload)) bias.forget(workload, node);
		}
	}

	private record(workload: WorkloadKey): WorkloadRecord {
		const record = this.workloads.get(workload) ?? {
			...newScaledReach(),
			pairs: new Map<string, Reach>(),
			predictedAt: Number.NEGATIVE_INFINITY,
		};
		this.workloads.set(workload, record);
		return record;
	}

	private *visited(workload: WorkloadKey, currentNodes: ReadonlyMap<string, number>): Iterable<string> {
		yield* currentNodes.keys();
		yield* this.staying.nodesOf(workload);
		yield* this.arriving.nodesOf(workload);
	}

	/** As if the workload were nowhere yet: a narrow interval where it is tells nothing of elsewhere. */
	private fillElsewhere({ bias, lower, upper }: Columns, workload: WorkloadKey, nodes: NodeColumns): void {
		const own = Math.exp(this.staying.ofWorkload(workload) + this.arriving.ofWorkload(workload));
		for (let row = 0; row < nodes.bias.length; row += 1) bias[row] = own * (nodes.bias[row] as number);
		const reach = this.reach(workload, undefined);
		lower.fill(this.elsewhere(reach, "lower"));
		upper.fill(this.elsewhere(reach, "upper"));
	}

	private fillRow(
		columns: Columns,
		row: number,
		{
			workload,
			node,
			currentNodes,
		}: { workload: WorkloadKey; node: string; currentNodes: ReadonlyMap<string, number> },
	): void {
		const isHere = currentNodes.has(node);
		const place = isHere && currentNodes.size > 1 ? SPREAD : node;
		const bias = this.staying.of(workload, place) + (isHere ? 0 : this.arriving.of(workload, node));
		const reach = this.reach(workload, place);
		columns.bias[row] = Math.exp(bias);
		columns.lower[row] = isHere ? Math.exp(reach.lower) : this.elsewhere(reach, "lower");
		columns.upper[row] = isHere ? Math.exp(reach.upper) : this.elsewhere(reach, "upper");
	}

	private reach(workload: WorkloadKey, node: string | undefined): Reach {
		const record = this.workloads.get(workload);
		const pair = node === undefined ? undefined : record?.pairs.get(node);
		const general = scaleOf(this.all);
		const scale = logScale(record ? scaleOf(record, general) : general);
		const end = (side: "lower" | "upper") => scale + this.all[side] + (record?.[side] ?? 0) + (pair?.[side] ?? 0);
		return { lower: end("lower"), upper: end("upper") };
	}

	private elsewhere(reach: Reach, side: "lower" | "upper"): number {
		return Math.exp(Math.max(0, reach[side]) + this.arrivals[side]);
	}

	private columnsFor(size: number): Columns {
		if (this.columns.bias.length < size) {
			this.columns = { bias: new Float64Array(size), lower: new Float64Array(size), upper: new Float64Array(size) };
		}
		const { bias, lower, upper } = this.columns;
		return { bias: bias.subarray(0, size), lower: lower.subarray(0, size), upper: upper.subarray(0, size) };
	}

	private nodeColumns(nodes: readonly string[]): NodeColumns {
		this.staying.fit();
		this.arriving.fit();
		const revision = this.staying.revision + this.arriving.revision;
		let columns = this.byNodes.get(nodes);
		if (columns?.revision !== revision) {
			const factor = (node: string): number => Math.exp(this.staying.ofNode(node) + this.arriving.ofNode(node));
			const rows = columns?.rows ?? new Map(nodes.map((node, row) => [node, row]));
			columns = { revision, rows, bias: Float64Array.from(nodes, factor) };
			this.byNodes.set(nodes, columns);
		}
		return columns;
	}
}

/** What is the same for all workloads on a list of nodes. */
interface NodeColumns {
	readonly revision: number;
	readonly rows: ReadonlyMap<string, number>;
	readonly bias: Float64Array;
}

/** Predictions made within one horizon share what they are measured by: how much of this one is new. */
function newWindows({ predictedAt }: WorkloadRecord, at: number, horizonSeconds: number): number {
	return Math.max(0, Math.min(1, (at - predictedAt) / (horizonSeconds * 1000)));
}

/** The error of the issued value as a share of the model's half width on that side. */
function errorSize({ raw, issued, actual }: Pick<Outcome, "raw" | "issued" | "actual">): number | undefined {
	const error = actual - issued.value;
	const half = halfWidth(error < 0 ? raw.value - raw.lower : raw.upper - raw.value, raw);
	const size = Math.abs(error / (half * (issued.value / raw.value)));
	return Number.isFinite(size) ? size : undefined;
}

function halfWidth(half: number, { value }: Pick<Prediction, "value">): number {
	return Math.max(half, LEAST_HALF_WIDTH * Math.abs(value));
}

function apply({ value, lower, upper }: PredictionTable, columns: Columns, least: number): void {
	for (let row = 0; row < value.length; row += 1) {
		const middle = value[row] as number;
		const bias = columns.bias[row] as number;
		const floor = LEAST_HALF_WIDTH * Math.abs(middle);
		const below = Math.max(middle - (lower[row] as number), floor) * (columns.lower[row] as number);
		const above = Math.max((upper[row] as number) - middle, floor) * (columns.upper[row] as number);
		value[row] = Math.max(bias * middle, least);
		lower[row] = Math.max(bias * (middle - below), least);
		upper[row] = Math.max(bias * (middle + above), least);
	}
}
