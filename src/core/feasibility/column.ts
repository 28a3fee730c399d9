import { moveReservationId } from "../migration/reservation.ts";
import type { CheckFactory } from "./check.ts";
import { CHECKS, feasibilityChecker, NODE_CHECKS } from "./checker.ts";
import { NO_ROW } from "./node-rows.ts";
import type { FeasibilityContext, PodToPlace } from "./pod-to-place.ts";
import { lacking, ROUNDING, resourcesCheck, wantedOf } from "./resources.ts";
import { type FeasibilityTable, tableOf } from "./table.ts";
import { GONE, type Verdict } from "./verdict.ts";
import { FEASIBLE_CODE } from "./verdict-codes.ts";

/** The verdicts on a list of nodes; index i belongs to the i-th of them. */
export interface FeasibilityColumn {
	isFeasible(index: number): boolean;
	/** With reason and message. */
	verdict(index: number): Verdict;
}

/**
 * Judges `nodes` (names) for one pod as `feasibilityChecker` does, rule by rule instead of node by node:
 * what a rule says of nodes alone is shared by all pods that it treats alike. The answer is that of the
 * moment when it was asked for.
 */
export function feasibilityColumn(
	pod: PodToPlace,
	context: FeasibilityContext,
	nodes: readonly string[],
): FeasibilityColumn {
	const table = tableOf(context);
	const { codes: known } = table;
	const { rows, indices, incomplete } = table.nodes.rowsOf(nodes);
	const codes = incomplete
		? Uint32Array.from(rows, (row) => (row === NO_ROW ? known.codeOf(GONE) : FEASIBLE_CODE))
		: new Uint32Array(nodes.length);
	const judge = {
		pod,
		context: { ...context, groups: table.room.groups, spreadNodes: table.spreadNodes },
		table,
		rows,
		codes,
	};
	for (const check of CHECKS) {
		const keyOf = NODE_CHECKS.get(check);
		if (keyOf) judgeByNode(judge, check, keyOf(pod, context));
		else if (check === resourcesCheck) judgeResources(judge);
		else judgeEach(judge, check);
	}
	const own = ownRows(pod, context, table);
	if (own.size > 0) {
		const check = feasibilityChecker(pod, judge.context);
		for (const row of own) {
			const index = indices[row] as number;
			if (index !== NO_ROW) codes[index] = known.codeOf(check(table.nodes.node(row)));
		}
	}
	return {
		isFeasible: (index) => codes[index] === FEASIBLE_CODE,
		verdict: (index) => known.verdict(codes[index] as number),
	};
}

interface Judge {
	readonly pod: PodToPlace;
	readonly context: FeasibilityContext;
	readonly table: FeasibilityTable;
	/** Row by index. */
	readonly rows: Int32Array;
	/** Verdict by index, which the first refusal decides. */
	readonly codes: Uint32Array;
}

function judgeByNode({ pod, context, table, rows, codes }: Judge, check: CheckFactory, key: string | undefined): void {
	if (key === undefined) return;
	const byRow = table.nodes.codesOf(`${check.name} ${key}`, () => check(pod, context) ?? (() => ({ feasible: true })));
	for (let index = 0; index < codes.length; index += 1) {
		if (codes[index] === FEASIBLE_CODE) codes[index] = byRow[rows[index] as number] as number;
	}
}

/** Everywhere but on the pod's own rows. */
function judgeResources({ pod, table, rows, codes }: Judge): void {
	const wanted = [["pods", 1] as const, ...wantedOf(pod.scheduling.requests)];
	const lacks = table.scratch(codes.length);
	for (const [resource, [name, amount]] of wanted.entries()) {
		const { allocatable, taken } = table.room.column(name);
		const bit = 1 << resource;
		for (let index = 0; index < codes.length; index += 1) {
			const row = rows[index] as number;
			const isLacking = amount + (taken[row] as number) > (allocatable[row] as number) + ROUNDING;
			if (isLacking) lacks[index] = (lacks[index] as number) | bit;
		}
	}
	const codeOf = new Map<number, number>();
	for (let index = 0; index < codes.length; index += 1) {
		const bits = lacks[index] as number;
		if (bits === 0 || codes[index] !== FEASIBLE_CODE) continue;
		let code = codeOf.get(bits);
		if (code === undefined) {
			const names = wanted.flatMap(([name], resource) => ((bits & (1 << resource)) === 0 ? [] : [name]));
			code = table.codes.codeOf(lacking(names));
			codeOf.set(bits, code);
		}
		codes[index] = code;
	}
}

function judgeEach({ pod, context, table, rows, codes }: Judge, make: CheckFactory): void {
	const check = make(pod, context);
	if (!check) return;
	for (let index = 0; index < codes.length; index += 1) {
		if (codes[index] !== FEASIBLE_CODE) continue;
		codes[index] = table.codes.codeOf(check(table.nodes.node(rows[index] as number)));
	}
}

/** Where what is there or on its way is the pod's own. */
function ownRows(pod: PodToPlace, { cluster, ledger }: FeasibilityContext, { nodes }: FeasibilityTable): Set<number> {
	const names = [...pod.replacing].map((uid) => cluster.pods.get(uid)?.nodeName);
	if (pod.workload) names.push(ledger.get(moveReservationId(pod.workload))?.node);
	return new Set(names.flatMap((name) => (name === undefined ? [] : (nodes.rowOf(name) ?? []))));
}
