import type { Node } from "../cluster/node.ts";
import type { Check } from "./check.ts";
import type { VerdictCodes } from "./verdict-codes.ts";

/** A rule that looks at nothing but the node, with its verdict by row. */
interface NodeRule {
	readonly check: Check;
	readonly codes: Uint32Array;
}

/** Where the nodes of a list are. */
export interface ListRows {
	/** Row by index in the list; NO_ROW of a node that is not in the cluster. */
	readonly rows: Int32Array;
	/** Index in the list by row; NO_ROW of a node that is not in the list. */
	readonly indices: Int32Array;
	/** Whether a node of the list is not in the cluster. */
	readonly incomplete: boolean;
}

export const NO_ROW = -1;

/** Rules kept at most; workloads that are constrained alike share them. */
const KEPT_RULES = 1000;

/** The nodes of a cluster in rows, with what rules on nodes alone say of them, brought up to date row by row. */
export class NodeRows {
	private readonly codes: VerdictCodes;
	private nodes: Node[] = [];
	private rowByName: ReadonlyMap<string, number> = new Map();
	private rules = new Map<string, NodeRule>();
	private lists = new WeakMap<readonly string[], ListRows>();

	constructor(codes: VerdictCodes) {
		this.codes = codes;
	}

	get size(): number {
		return this.nodes.length;
	}

	/** Rows whose nodes changed; `undefined` when rows stand for other nodes now. */
	update(nodes: ReadonlyMap<string, Node>): readonly number[] | undefined {
		if (nodes.size !== this.nodes.length) return this.rebuild(nodes);
		const changed: number[] = [];
		let row = 0;
		for (const node of nodes.values()) {
			const before = this.nodes[row];
			if (before !== node) {
				if (before?.name !== node.name) return this.rebuild(nodes);
				this.nodes[row] = node;
				for (const { check, codes } of this.rules.values()) codes[row] = this.codes.codeOf(check(node));
				changed.push(row);
			}
			row += 1;
		}
		return changed;
	}

	private rebuild(nodes: ReadonlyMap<string, Node>): undefined {
		this.nodes = [...nodes.values()];
		this.rowByName = new Map(this.nodes.map(({ name }, row) => [name, row]));
		this.rules = new Map();
		this.lists = new WeakMap();
	}

	node(row: number): Node {
		return this.nodes[row] as Node;
	}

	rowOf(name: string): number | undefined {
		return this.rowByName.get(name);
	}

	rowsOf(list: readonly string[]): ListRows {
		let found = this.lists.get(list);
		if (!found) {
			const rows = Int32Array.from(list, (name) => this.rowByName.get(name) ?? NO_ROW);
			const indices = new Int32Array(this.nodes.length).fill(NO_ROW);
			rows.forEach((row, index) => {
				if (row !== NO_ROW) indices[row] = index;
			});
			found = { rows, indices, incomplete: rows.includes(NO_ROW) };
			this.lists.set(list, found);
		}
		return found;
	}

	/** Verdicts by row of a rule on nodes alone. Equal keys must mean equal rules. */
	codesOf(key: string, make: () => Check): Uint32Array {
		let rule = this.rules.get(key);
		if (!rule) {
			if (this.rules.size >= KEPT_RULES) this.rules.clear();
			const check = make();
			rule = { check, codes: Uint32Array.from(this.nodes, (node) => this.codes.codeOf(check(node))) };
			this.rules.set(key, rule);
		}
		return rule.codes;
	}
}
