import type { WorkloadKey } from "../cluster/workload.ts";
import type { Bias } from "./bias.ts";
import { Family } from "./family.ts";
import { byRecency, type Learned, type Pair } from "./learned.ts";
import type { Reach, ScaledReach } from "./reach.ts";
import type { Residual } from "./residual.ts";

/** Changes whenever what is kept could be misread by an older or newer version. */
export const STATE_VERSION = 1;

/**
 * What is learned, in a form that is small as JSON: rows of numbers, workloads and nodes by their position in
 * the lists. Times are seconds since the epoch.
 */
export interface LearnedState {
	readonly version: typeof STATE_VERSION;
	readonly workloads: readonly string[];
	readonly nodes: readonly string[];
	readonly families: readonly FamilyState[];
	/** Service times seen, see LearnedSpeeds: workload, node, mean, spread, weight. */
	readonly visits: readonly ResidualRow[];
}

type ResidualRow = readonly [workload: number, node: number, mean: number, spread: number, weight: number];

interface FamilyState {
	readonly basis: string;
	/** Of all workloads: lower, upper, scale, weight. */
	readonly all: readonly [lower: number, upper: number, scale: number, weight: number];
	readonly arrivals: readonly [lower: number, upper: number];
	readonly workloads: readonly (readonly [
		workload: number,
		predictedAt: number,
		lower: number,
		upper: number,
		scale: number,
		weight: number,
	])[];
	readonly pairs: readonly (readonly [
		workload: number,
		node: number,
		predictedAt: number,
		lower: number,
		upper: number,
	])[];
	readonly staying: readonly ResidualRow[];
	readonly arriving: readonly ResidualRow[];
}

/** The state with at most `most` pairs of workload and node, the most recently used. */
export function stateOf(learned: Learned, most: number): LearnedState {
	const pairs = byRecency(learned.calibration).slice(0, most);
	const lists = { workloads: new Positions(), nodes: new Positions() };
	const families = [...Map.groupBy(pairs, ({ basis }) => basis)].flatMap(([basis, own]) => {
		const family = learned.calibration.families.get(basis);
		return family ? { basis, ...familyState(family, own, lists) } : [];
	});
	const visited = new Map(pairs.map((pair) => [`${pair.workload} ${pair.node}`, pair]));
	const visits = residualRows(visited.values(), learned.speeds.visits, lists);
	return {
		version: STATE_VERSION,
		workloads: lists.workloads.names,
		nodes: lists.nodes.names,
		families,
		visits,
	};
}

interface Lists {
	readonly workloads: Positions;
	readonly nodes: Positions;
}

function familyState(family: Family, pairs: readonly Pair[], lists: Lists): Omit<FamilyState, "basis"> {
	const workloads = [...new Set(pairs.map(({ workload }) => workload))];
	return {
		all: scaledRow(family.all),
		arrivals: reachRow(family.arrivals),
		workloads: workloads.flatMap((workload) => {
			const record = family.workloads.get(workload);
			if (!record) return [];
			return [[lists.workloads.of(workload), seconds(record.predictedAt), ...scaledRow(record)] as const];
		}),
		pairs: pairs.flatMap(({ workload, node, predictedAt }) => {
			const reach = family.workloads.get(workload)?.pairs.get(node);
			if (!reach) return [];
			const place = [lists.workloads.of(workload), lists.nodes.of(node)] as const;
			return [[...place, seconds(predictedAt), ...reachRow(reach)] as const];
		}),
		staying: residualRows(pairs, family.staying, lists),
		arriving: residualRows(pairs, family.arriving, lists),
	};
}

function residualRows(
	pairs: Iterable<Pick<Pair, "workload" | "node">>,
	{ residuals }: Bias,
	{ workloads, nodes }: Lists,
): ResidualRow[] {
	const rows: ResidualRow[] = [];
	for (const { workload, node } of pairs) {
		const residual = residuals.get(workload)?.get(node);
		if (!residual) continue;
		const { mean, spread, weight } = residual;
		rows.push([workloads.of(workload), nodes.of(node), rounded(mean), rounded(spread), rounded(weight)]);
	}
	return rows;
}

function reachRow({ lower, upper }: Reach) {
	return [rounded(lower), rounded(upper)] as const;
}

function scaledRow({ scale, weight, ...reach }: ScaledReach) {
	return [...reachRow(reach), rounded(scale), rounded(weight)] as const;
}

/** Nothing learned. */
export const NOTHING: LearnedState = { version: STATE_VERSION, workloads: [], nodes: [], families: [], visits: [] };

/** Replaces all that is learned. Rows that name no workload or node of the lists are left out. */
export function restore(learned: Learned, state: LearnedState): void {
	const { families } = learned.calibration;
	families.clear();
	for (const saved of state.families) families.set(saved.basis, familyOf(saved, state));
	learned.speeds.visits.clear();
	eachResidual(state.visits, state, (workload, node, residual) => {
		learned.speeds.visits.restore(workload, node, residual);
	});
}

function familyOf(saved: FamilyState, state: LearnedState): Family {
	const family = new Family();
	const [lower, upper, scale, weight] = saved.all;
	Object.assign(family.all, { lower, upper, scale, weight });
	Object.assign(family.arrivals, { lower: saved.arrivals[0], upper: saved.arrivals[1] });
	for (const [index, predictedAt, lower, upper, scale, weight] of saved.workloads) {
		const workload = state.workloads[index] as WorkloadKey | undefined;
		if (workload === undefined) continue;
		const record = { lower, upper, scale, weight, pairs: new Map(), predictedAt: predictedAt * 1000 };
		family.workloads.set(workload, record);
	}
	for (const [index, at, predictedAt, lower, upper] of saved.pairs) {
		const record = family.workloads.get(state.workloads[index] as WorkloadKey);
		const node = state.nodes[at];
		if (record && node !== undefined) record.pairs.set(node, { lower, upper, predictedAt: predictedAt * 1000 });
	}
	for (const name of ["staying", "arriving"] as const) {
		eachResidual(saved[name], state, (workload, node, residual) => family[name].restore(workload, node, residual));
	}
	return family;
}

function eachResidual(
	rows: readonly ResidualRow[],
	{ workloads, nodes }: Pick<LearnedState, "workloads" | "nodes">,
	take: (workload: WorkloadKey, node: string, residual: Residual) => void,
): void {
	for (const [index, at, mean, spread, weight] of rows) {
		const workload = workloads[index] as WorkloadKey | undefined;
		const node = nodes[at];
		if (workload !== undefined && node !== undefined) take(workload, node, { mean, spread, weight });
	}
}

/** Names by the order in which they were asked for first. */
class Positions {
	readonly names: string[] = [];
	private readonly byName = new Map<string, number>();

	of(name: string): number {
		const known = this.byName.get(name);
		if (known !== undefined) return known;
		this.byName.set(name, this.names.length);
		return this.names.push(name) - 1;
	}
}

/** Four digits are more than is known of any of these numbers. */
function rounded(value: number): number {
	return Number(value.toPrecision(4));
}

/** -1: never. */
function seconds(milliseconds: number): number {
	return Number.isFinite(milliseconds) ? Math.round(milliseconds / 1000) : -1;
}
