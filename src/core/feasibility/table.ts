import type { Revisions } from "../cluster/state.ts";
import { NodeRoom } from "./node-room.ts";
import { NodeRows } from "./node-rows.ts";
import type { FeasibilityContext } from "./pod-to-place.ts";
import type { SpreadNodes } from "./topology-spread.ts";
import { VerdictCodes } from "./verdict-codes.ts";

/** Kept at most; workloads with like constraints share them. */
const KEPT_SPREADS = 100;

/** What all workloads share when nodes are judged for them: one of each cluster. */
export class FeasibilityTable {
	readonly codes = new VerdictCodes();
	readonly nodes = new NodeRows(this.codes);
	readonly room = new NodeRoom(this.nodes);
	readonly spreadNodes = new Map<string, SpreadNodes>();
	private seen: Revisions | undefined;
	private seenNodes: FeasibilityContext["cluster"]["nodes"] | undefined;

	private buffer = new Uint32Array();

	/** Zeros, good until it is asked for again. */
	scratch(length: number): Uint32Array {
		if (this.buffer.length !== length) this.buffer = new Uint32Array(length);
		return this.buffer.fill(0);
	}

	/** Reads what has changed; next to nothing when revisions say that nothing has. */
	update(context: FeasibilityContext): void {
		const { cluster } = context;
		const { nodes, revisions } = cluster;
		const nodesChanged = !revisions || revisions.nodes !== this.seen?.nodes || nodes !== this.seenNodes;
		const podsChanged = !revisions || revisions.pods !== this.seen?.pods;
		const changed = nodesChanged ? this.nodes.update(nodes) : [];
		if (changed?.length !== 0 || this.spreadNodes.size > KEPT_SPREADS) this.spreadNodes.clear();
		this.room.update(context, changed, podsChanged);
		this.seenNodes = nodes;
		this.seen = revisions && { nodes: revisions.nodes, pods: revisions.pods };
	}
}

const tables = new WeakMap<FeasibilityContext["cluster"]["podsByNode"], FeasibilityTable>();

/** The table of a cluster, as of now. */
export function tableOf(context: FeasibilityContext): FeasibilityTable {
	const { podsByNode } = context.cluster;
	let table = tables.get(podsByNode);
	if (!table) {
		table = new FeasibilityTable();
		tables.set(podsByNode, table);
	}
	table.update(context);
	return table;
}
