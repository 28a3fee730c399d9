import type { ModelMetadata } from "../model/model.ts";
import { isDerived, NODE_CPU_UTILIZATION_AFTER_MOVE } from "./definitions.ts";
import type { NodeSeries } from "./node-series.ts";
import { NO_ROW, type NodeTable } from "./node-table.ts";
import { excess, type Range } from "./range.ts";
import type { WindowState } from "./window.ts";

/** Where one input column of a model comes from. */
export type Column =
	| { readonly source: "NodeMetric"; readonly series: NodeSeries }
	| { readonly source: "NodeSpeed" }
	| { readonly source: "UtilizationAfterMove"; readonly series: NodeSeries }
	| { readonly source: "ObjectiveAfterMove"; readonly series: NodeSeries }
	| { readonly source: "Workload"; readonly name: string };

/** How to fill one model's input from one node table: made once per model and collection. */
export class FeaturePlan {
	readonly metadata: ModelMetadata;
	readonly nodes: NodeTable;
	readonly columns: readonly Column[];
	/** Whether that column shows the load since its newest change only. */
	readonly isSinceChange: boolean;
	/** Index of the column with the utilization after the move, -1 without one. */
	readonly utilizationColumn: number;
	/** Largest share of missing steps of a node's windows. */
	readonly missing: Float32Array;
	/** Largest excess of a node's own columns. */
	readonly excess: Float32Array;
	private readonly states: (WindowState | undefined)[];
	private readonly prepared = new WeakSet<Int32Array>();

	constructor(metadata: ModelMetadata, nodes: NodeTable) {
		this.metadata = metadata;
		this.nodes = nodes;
		this.columns = metadata.features.map(({ name, scope }) => column(name, scope, nodes));
		this.utilizationColumn = this.columns.findIndex(({ source }) => source === "UtilizationAfterMove");
		this.isSinceChange = metadata.features[this.utilizationColumn]?.history === "SinceChange";
		this.missing = new Float32Array(nodes.size);
		this.excess = new Float32Array(nodes.size);
		this.states = Array.from({ length: nodes.size });
	}

	/** Reads the columns of these nodes; once per array. */
	prepare(rows: Int32Array): void {
		if (this.prepared.has(rows)) return;
		for (const row of rows) this.state(row);
		this.prepared.add(rows);
	}

	/** Reads a node's columns unless they were read before, and says what they are worth. */
	state(row: number): WindowState {
		if (row === NO_ROW) return "Absent";
		return this.states[row] ?? this.read(row);
	}

	/** Age in seconds of the newest node sample of these columns; `undefined` when there is none. */
	newestAge(): number | undefined {
		const ages = this.columns.flatMap((column) => ("series" in column ? (column.series.newestAge ?? []) : []));
		return ages.length > 0 ? Math.min(...ages) : undefined;
	}

	/** First step of the utilization that counts, of all that are kept; of a row that was read. */
	firstStep(row: number): number {
		return this.isSinceChange ? this.nodes.changedAt(row) : 0;
	}

	private read(row: number): WindowState {
		let worst: WindowState = "Known";
		this.columns.forEach((column, index) => {
			const range = this.metadata.features[index] as Range;
			const state = this.readColumn(row, column, range);
			if (worst === "Known") worst = state;
		});
		this.states[row] = worst;
		return worst;
	}

	private readColumn(row: number, column: Column, range: Range): WindowState {
		if (column.source === "Workload") return "Known";
		if (column.source === "NodeSpeed") {
			const pace = this.nodes.pace[row] as number;
			this.widen(row, excess(range, pace, pace), 0);
			return Number.isNaN(pace) ? "Absent" : "Known";
		}
		const { series } = column;
		const state = series.state(row);
		const own =
			column.source === "NodeMetric" ? excess(range, series.lowest[row] as number, series.highest[row] as number) : 0;
		this.widen(row, own, series.missing[row] as number);
		if (column.source === "NodeMetric" || state !== "Known") return state;
		const scale = (this.nodes.cores[row] as number) * (this.nodes.speed[row] as number);
		return Number.isFinite(scale) ? "Known" : "Absent";
	}

	private widen(row: number, outside: number, missing: number): void {
		this.excess[row] = Math.max(this.excess[row] as number, outside);
		this.missing[row] = Math.max(this.missing[row] as number, missing);
	}
}

function column(name: string, scope: "Node" | "Workload" | "Pair", nodes: NodeTable): Column {
	if (name === NODE_CPU_UTILIZATION_AFTER_MOVE) return { source: "UtilizationAfterMove", series: nodes.utilization };
	if (name === "objective_after_move") return { source: "ObjectiveAfterMove", series: nodes.utilization };
	if (name === "node_relative_speed") return { source: "NodeSpeed" };
	if (scope === "Node" && !isDerived(name)) return { source: "NodeMetric", series: nodes.metric(name) };
	return { source: "Workload", name };
}
