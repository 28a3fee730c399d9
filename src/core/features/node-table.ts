import type { Node } from "../cluster/node.ts";
import type { ClusterState } from "../cluster/state.ts";
import type { WorkloadKey } from "../cluster/workload.ts";
import type { MetricReader } from "../metrics/metric.ts";
import { moveReservationId } from "../migration/reservation.ts";
import { NODE_CPU_ELASTIC_REQUESTS, NODE_CPU_ELASTIC_USAGE, NODE_CPU_USAGE } from "./definitions.ts";
import type { Ledger } from "./ledger.ts";
import { levelChange } from "./level-change.ts";
import { NodeSeries } from "./node-series.ts";
import { type NodeSpeeds, paceOf, relativeSpeed } from "./speed.ts";

/** What the node side of features is read from. */
export interface NodeInputs {
	readonly cluster: Pick<ClusterState, "nodes">;
	readonly metrics: MetricReader;
	readonly ledger: Ledger;
	/** Absent: nothing was learned. */
	readonly speeds?: NodeSpeeds | undefined;
	/** ms since the epoch. */
	readonly now: number;
}

/** Row of a node that is not in the cluster. */
export const NO_ROW = -1;

const UNREAD = 2;
const NOT_LOOKED_FOR = 255;

/**
 * The node side of all features, one row per node of the cluster at the time it was made. Rows are read
 * when first asked for and then shared by every workload.
 */
export class NodeTable {
	readonly size: number;
	/** Allocatable CPU cores; NaN when a node names none. */
	readonly cores: Float32Array;
	/** Relative speed of a core; NaN is Unknown. */
	readonly speed: Float32Array;
	/** What one request gets of it (`paceOf`); NaN is Unknown. */
	readonly pace: Float32Array;
	/** Cores on their way to each node by the ledger, as of the last `refresh`. */
	readonly inFlight: Float32Array;
	/** Measured CPU use as a share of allocatable, without the ledger. */
	readonly utilization: NodeSeries;
	/** The part of it that gives way to others by weight, and that weight in cores; see `Contention`. */
	readonly elastic: NodeSeries;
	readonly elasticWeight: NodeSeries;
	/** By row: 1 where there is elastic load, 0 where there is none, else UNREAD. Read millions of times. */
	private readonly elasticRows: Uint8Array;
	/** By row: first step after the newest change of its load. */
	private readonly changes: Uint8Array;
	private readonly inputs: NodeInputs;
	private readonly names: readonly string[];
	private readonly rows: ReadonlyMap<string, number>;
	private readonly rowsOf = new WeakMap<readonly string[], Int32Array>();
	private readonly series = new Map<string, NodeSeries>();

	constructor(inputs: NodeInputs) {
		this.inputs = inputs;
		const nodes = [...inputs.cluster.nodes.values()];
		this.size = nodes.length;
		this.names = nodes.map((node) => node.name);
		this.rows = new Map(this.names.map((name, row) => [name, row]));
		this.cores = Float32Array.from(nodes, allocatableCores);
		this.speed = Float32Array.from(nodes, (node) => relativeSpeed(node, inputs.speeds));
		this.pace = this.speed.map((speed, row) => paceOf(speed, this.cores[row] as number));
		this.inFlight = new Float32Array(nodes.length);
		this.elasticRows = new Uint8Array(nodes.length).fill(UNREAD);
		this.changes = new Uint8Array(nodes.length).fill(NOT_LOOKED_FOR);
		const perCore = (row: number): number => 1 / (this.cores[row] as number);
		this.utilization = this.newSeries(NODE_CPU_USAGE, perCore);
		this.elastic = this.newSeries(NODE_CPU_ELASTIC_USAGE, perCore);
		this.elasticWeight = this.newSeries(NODE_CPU_ELASTIC_REQUESTS, () => 1);
	}

	/** The row of a node, NO_ROW when it is not in the cluster. */
	row(node: string): number {
		return this.rows.get(node) ?? NO_ROW;
	}

	/** Where a workload's own move has reserved load: it must not count against the move itself. */
	ownMove(workload: WorkloadKey): { readonly row: number; readonly cpuCores: number } | undefined {
		const reservation = this.inputs.ledger.get(moveReservationId(workload));
		return reservation && { row: this.row(reservation.node), cpuCores: reservation.cpuCores };
	}

	/** Rows of a list of nodes; remembered per array, so pass the same array for the same list. */
	rowsFor(nodes: readonly string[]): Int32Array {
		let rows = this.rowsOf.get(nodes);
		if (!rows) {
			rows = Int32Array.from(nodes, (node) => this.row(node));
			this.rowsOf.set(nodes, rows);
		}
		return rows;
	}

	/** Windows of a node metric of the catalogue. */
	metric(name: string): NodeSeries {
		let series = this.series.get(name);
		if (!series) {
			series = this.newSeries(name, () => 1);
			this.series.set(name, series);
		}
		return series;
	}

	/** Whether a part of the node's load is known to give way to others. */
	isElastic(row: number): boolean {
		if (this.elasticRows[row] === UNREAD) {
			const isKnown = [this.elastic, this.elasticWeight, this.utilization].every(
				(series) => series.state(row) === "Known",
			);
			this.elasticRows[row] = Number(isKnown && (this.elastic.highest[row] as number) > 0);
		}
		return this.elasticRows[row] === 1;
	}

	/** First step of the window after the newest change of the node's load, 0 without one; of a row that was read. */
	changedAt(row: number): number {
		if (this.changes[row] === NOT_LOOKED_FOR) {
			const ofUse = levelChange(this.utilization.window(row));
			// What gives way comes in later than all use, since rates of containers look further back.
			const ofElastic = this.isElastic(row) ? levelChange(this.elastic.window(row)) : 0;
			this.changes[row] = Math.max(ofUse, ofElastic);
		}
		return this.changes[row] as number;
	}

	/** Takes over from the ledger what is on its way to these rows. */
	refresh(rows: Int32Array): void {
		for (const row of rows) {
			if (row !== NO_ROW) this.inFlight[row] = this.inputs.ledger.cpuCores(this.names[row] as string);
		}
	}

	private newSeries(metric: string, scale: (row: number) => number): NodeSeries {
		const { metrics, now } = this.inputs;
		return new NodeSeries(this.size, metrics.steps, (row) => {
			const name = this.names[row] as string;
			return { window: metrics.window(metric, name, now), scale: scale(row), age: metrics.age(metric, name, now) };
		});
	}
}

function allocatableCores(node: Node): number {
	const cores = node.allocatable["cpu"];
	return cores !== undefined && cores > 0 ? cores : Number.NaN;
}
