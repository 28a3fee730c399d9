import type { WorkloadKey } from "../cluster/workload.ts";
import type { CalibrationSubject } from "../prediction/calibration.ts";
import { type PredictionTable, predictionAt } from "../prediction/prediction.ts";
import { Bias } from "./bias.ts";
import { type Correction, correctAll, corrected, halfWidth, put } from "./correction.ts";
import type { Arrival, Outcome } from "./outcome.ts";
import { SPREAD } from "./outcome.ts";
import { addScale, logScale, newScaledReach, type Reach, type ScaledReach, scaleOf, track } from "./reach.ts";
import { relativeError } from "./residual.ts";

/** Of predictions for where a workload is. */
const STAYING = { workload: 0.3, node: 0.1, pair: 0.1, window: 0.3 };
/** Models are nearly free of bias where workloads stay: what looks like one is chance at first. */
const EVIDENCE = 2;
/** Of predictions for where it is not yet, beyond these: every move tells of one only. */
const ARRIVING = { workload: 0.05, node: 0.15, pair: 0.15, window: 0.2 };

/** How far one window's miss moves the ends: of all workloads together, of this one, of it on this node. */
const FAMILY_STEP = 0.1;
const WORKLOAD_STEP = 0.5;
const PAIR_STEP = 0.1;
/** How far a broken promise moves the ends of all predictions for elsewhere. */
const ARRIVAL_STEP = 0.3;

export interface PairReach extends Reach {
	/** When the newest outcome was predicted (ms). */
	predictedAt: number;
}

export interface WorkloadRecord extends ScaledReach {
	/** By node, beyond the workload's own. */
	readonly pairs: Map<string, PairReach>;
	/** When the newest outcome was predicted (ms). */
	predictedAt: number;
}

/** What is learned of one model's predictions for one kind of objective. */
export class Family {
	readonly all = newScaledReach();
	readonly arrivals: Reach = { lower: 0, upper: 0 };
	readonly workloads = new Map<WorkloadKey, WorkloadRecord>();
	readonly staying = new Bias(STAYING, EVIDENCE);
	readonly arriving = new Bias(ARRIVING, 0);
	private readonly byNodes = new WeakMap<readonly string[], NodeColumns>();

	/** What is Unknown teaches nothing. */
	learn(outcome: Outcome): void {
		const { workload, node, raw, issued, actual, at, horizonSeconds } = outcome;
		if (![actual, ...Object.values(raw), ...Object.values(issued)].every(Number.isFinite)) return;
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
		const pair = pairOf(record, node, at);
		track(this.all, issued, actual, FAMILY_STEP * share);
		track(record, issued, actual, WORKLOAD_STEP * windows);
		track(pair, issued, actual, PAIR_STEP * windows);
	}

	learnArrival({ workload, node, issued, actual, at }: Arrival): void {
		const error = relativeError(actual, issued.value);
		if (error === undefined) return;
		pairOf(this.record(workload), node, at);
		// The promise was corrected by what was known then; the error is on top of it.
		this.arriving.learn(workload, node, { error: error + this.arriving.of(workload, node), windows: 1 });
		track(this.arrivals, issued, actual, ARRIVAL_STEP);
	}

	/** Corrects a table in place. */
	calibrate({ workload, currentNodes, least }: CalibrationSubject, table: PredictionTable): void {
		const nodes = this.nodeColumns(table.nodes);
		const own: (Correction & { readonly row: number })[] = [];
		for (const node of this.visited(workload, currentNodes)) {
			const row = nodes.rows.get(node);
			if (row !== undefined) own.push({ row, ...this.correction(workload, node, currentNodes) });
		}
		// Rows of its own are few: they are put aside, and all others are corrected alike.
		const raw = own.map(({ row }) => predictionAt(table, row));
		const reach = this.reach(workload, undefined);
		const elsewhere = {
			bias: Math.exp(this.staying.ofWorkload(workload) + this.arriving.ofWorkload(workload)),
			lower: this.elsewhere(reach, "lower"),
			upper: this.elsewhere(reach, "upper"),
		};
		correctAll(table, nodes.bias, { ...elsewhere, least });
		own.forEach((correction, index) => {
			const prediction = raw[index];
			if (prediction) put(table, correction.row, corrected(prediction, { ...correction, least }));
		});
	}

	/** Drops what was learned of a workload, or of it on one node. */
	forget(workload: WorkloadKey, node?: string): void {
		const record = this.workloads.get(workload);
		if (node === undefined) this.workloads.delete(workload);
		else if (record?.pairs.delete(node) && record.pairs.size === 0) this.workloads.delete(workload);
		this.staying.forget(workload, node);
		this.arriving.forget(workload, node);
	}

	private record(workload: WorkloadKey): WorkloadRecord {
		const record = this.workloads.get(workload) ?? {
			...newScaledReach(),
			pairs: new Map<string, PairReach>(),
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

	private correction(workload: WorkloadKey, node: string, currentNodes: ReadonlyMap<string, number>): Correction {
		const isHere = currentNodes.has(node);
		const place = isHere && currentNodes.size > 1 ? SPREAD : node;
		const bias = this.staying.of(workload, place) + (isHere ? 0 : this.arriving.of(workload, node));
		const reach = this.reach(workload, place);
		return {
			bias: Math.exp(bias),
			lower: isHere ? Math.exp(reach.lower) : this.elsewhere(reach, "lower"),
			upper: isHere ? Math.exp(reach.upper) : this.elsewhere(reach, "upper"),
		};
	}

	private reach(workload: WorkloadKey, node: string | undefined): Reach {
		const record = this.workloads.get(workload);
		const pair = node === undefined ? undefined : record?.pairs.get(node);
		const general = scaleOf(this.all);
		const scale = logScale(record ? scaleOf(record, general) : general);
		const end = (side: "lower" | "upper") => scale + this.all[side] + (record?.[side] ?? 0) + (pair?.[side] ?? 0);
		return { lower: end("lower"), upper: end("upper") };
	}

	/** Where the workload is not: a narrow interval where it is tells nothing of there. */
	private elsewhere(reach: Reach, side: "lower" | "upper"): number {
		return Math.exp(Math.max(0, reach[side]) + this.arrivals[side]);
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

function pairOf({ pairs }: WorkloadRecord, node: string, at: number): PairReach {
	const pair = pairs.get(node) ?? { lower: 0, upper: 0, predictedAt: at };
	pairs.set(node, pair);
	pair.predictedAt = Math.max(pair.predictedAt, at);
	return pair;
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
	const half = halfWidth(error < 0 ? raw.value - raw.lower : raw.upper - raw.value, raw.value);
	const size = Math.abs(error / (half * (issued.value / raw.value)));
	return Number.isFinite(size) ? size : undefined;
}
