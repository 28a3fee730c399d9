import type { Ledger } from "../features/ledger.ts";
import type { NodeRows } from "./node-rows.ts";
import { type NodeUsage, usageReader } from "./node-usage.ts";
import { PodGroups } from "./pod-groups.ts";
import type { FeasibilityContext } from "./pod-to-place.ts";
import { comingTo, totalOf } from "./resources.ts";

/** One resource of all nodes, by row. */
export interface RoomColumn {
	readonly allocatable: Float64Array;
	/** By the pods that are there and by those on their way. */
	readonly taken: Float64Array;
}

/** Room on all nodes, brought up to date row by row. The resource `pods` counts pods. */
export class NodeRoom {
	readonly groups: PodGroups;
	private readonly nodes: NodeRows;
	private usages: NodeUsage[] = [];
	private podRevisions: (number | undefined)[] = [];
	private reserved = new Set<number>();
	private columns = new Map<string, RoomColumn>();
	private context: FeasibilityContext | undefined;
	private ledger: Ledger | undefined;
	private ledgerVersion = -1;

	constructor(nodes: NodeRows) {
		this.nodes = nodes;
		this.groups = new PodGroups((row) => nodes.node(row));
	}

	/**
	 * @param changedNodes rows; `undefined` when rows stand for other nodes now
	 * @param podsChanged whether pods may have
	 */
	update(context: FeasibilityContext, changedNodes: readonly number[] | undefined, podsChanged: boolean): void {
		this.context = context;
		if (!changedNodes) this.reset();
		const rereadsPods = podsChanged || !changedNodes;
		const dirty = new Set(changedNodes);
		if (rereadsPods) this.readPods(context, dirty);
		const { ledger } = context;
		if (rereadsPods || this.ledger !== ledger || this.ledgerVersion !== ledger.version) {
			for (const row of this.reserved) dirty.add(row);
			this.reserved = this.reservedRows(ledger);
			for (const row of this.reserved) dirty.add(row);
			this.ledger = ledger;
			this.ledgerVersion = ledger.version;
		}
		for (const row of dirty) for (const [name, column] of this.columns) this.fill(name, column, row);
	}

	/** Of a resource that no node has: nothing. */
	column(name: string): RoomColumn {
		let column = this.columns.get(name);
		if (!column) {
			const { size } = this.nodes;
			column = { allocatable: new Float64Array(size), taken: new Float64Array(size) };
			for (let row = 0; row < size; row += 1) this.fill(name, column, row);
			this.columns.set(name, column);
		}
		return column;
	}

	private reset(): void {
		this.groups.clear();
		this.usages = [];
		this.podRevisions = [];
		this.columns = new Map();
		this.reserved = new Set();
	}

	private readPods({ cluster }: FeasibilityContext, dirty: Set<number>): void {
		const usageOf = usageReader({ replacing: new Set() }, cluster);
		for (let row = 0; row < this.nodes.size; row += 1) {
			const { name } = this.nodes.node(row);
			const revision = cluster.podRevisions?.get(name);
			const isKnown = this.usages[row] !== undefined && revision !== undefined && revision === this.podRevisions[row];
			if (isKnown) continue;
			const usage = usageOf(name);
			this.podRevisions[row] = revision;
			const before = this.usages[row];
			if (usage === before) continue;
			for (const pod of before?.pods ?? []) this.groups.remove(pod);
			for (const pod of usage.pods) this.groups.add(pod, row);
			this.usages[row] = usage;
			dirty.add(row);
		}
	}

	private reservedRows(ledger: Ledger): Set<number> {
		const rows = new Set<number>();
		for (const { node } of ledger.reservations()) {
			const row = this.nodes.rowOf(node);
			if (row !== undefined) rows.add(row);
		}
		return rows;
	}

	private fill(name: string, { allocatable, taken }: RoomColumn, row: number): void {
		const node = this.nodes.node(row);
		const usage = this.usages[row];
		const coming = this.context && this.reserved.has(row) ? comingTo(node.name, this.context) : [];
		const used = name === "pods" ? usage?.pods.length : usage?.requested.get(name);
		allocatable[row] = node.allocatable[name] ?? 0;
		taken[row] = (used ?? 0) + totalOf(coming, name);
	}
}
