import type { NodeRegister, WorkloadTick } from "../trace/ticks.ts";
import { Bits, Numbers } from "./growing.ts";
import { type Move, MoveLog } from "./moves.ts";
import { type Outlook, outageShare, type Scene } from "./scene.ts";
import { coverageOf, emptyTally, errorOf, type Tally } from "./tally.ts";

/** What is summed along the best way to each node, beside its score. */
const SUMS = [
	"ticks",
	"value",
	"charge",
	"violationSeconds",
	"errorSum",
	"errors",
	"intervals",
	"covered",
] as const satisfies readonly (keyof Tally)[];
type Sums = Float64Array[];

export interface OracleOptions {
	readonly workload: string;
	readonly nodes: NodeRegister;
	readonly start: number;
	/** 1 to maximize, -1 to minimize. */
	readonly sign: 1 | -1;
	readonly stepSeconds: number;
}

/** The oracle's way, and its net score at the checkpoints. */
export interface OracleResult {
	readonly tally: Tally;
	readonly moves: MoveLog;
	/** Net score up to the end of each bucket of the time line, turned so that more is better. */
	readonly cumulative: readonly (number | undefined)[];
}

interface Checkpoint {
	readonly scores: Float64Array;
	/** Ticks before it. */
	readonly ticks: number;
}

/**
 * The best that any policy could do on one workload, knowing all actual values: the way with the highest
 * sum of values less the cost of its moves, by dynamic programming over ticks (Bellman, 1957). As every
 * move costs by where it leads, at each tick all moves come from one node, the best so far. So the way
 * back needs one bit per row, and a trace of any length is read once.
 */
export class Oracle {
	private scores = new Float64Array(0);
	private sums: Sums = SUMS.map(() => new Float64Array(0));
	private readonly times = new Numbers();
	private readonly sources = new Numbers();
	private readonly widths = new Numbers();
	private readonly moved = new Bits();
	private checkpoints: (Checkpoint | undefined)[] = [];
	private readonly options: OracleOptions;

	constructor(options: OracleOptions) {
		this.options = options;
		this.grow(options.start + 1);
		this.scores[options.start] = 0;
	}

	/** Takes the next tick. */
	step(time: number, tick: WorkloadTick, at: { readonly scene: Scene; readonly outlook: Outlook | undefined }): void {
		const { scene } = at;
		this.grow(scene.values.length);
		const source = this.best();
		const here = new Set(tick.present);
		const leap = this.scores[source] as number;
		const before = this.sums.map((sum) => sum[source] as number);
		for (let node = 0; node < this.scores.length; node += 1) {
			const value = scene.values[node] as number;
			const cost = scene.counts ? outageShare(this.options.stepSeconds) * Math.abs(value) : 0;
			const comes = here.has(node) && node !== source && leap - cost > (this.scores[node] as number);
			this.moved.push(comes);
			if (comes) this.copy(node, { score: leap - cost, sums: before, cost });
			this.add(node, at);
		}
		this.times.push(time);
		this.sources.push(source);
		this.widths.push(this.scores.length);
	}

	/** Remembers the scores at the end of a bucket of the time line. */
	checkpoint(bucket: number): void {
		this.checkpoints[bucket] = { scores: this.scores.slice(), ticks: this.times.length };
	}

	/** Every two buckets become one. */
	halve(): void {
		const half: (Checkpoint | undefined)[] = [];
		for (let bucket = 1; bucket < this.checkpoints.length; bucket += 2) half.push(this.checkpoints[bucket]);
		this.checkpoints = half;
	}

	/** Cells that the checkpoints hold. */
	get size(): number {
		return this.scores.length * this.checkpoints.length;
	}

	finish(): OracleResult {
		const { names } = this.options.nodes;
		const end = this.best();
		const tally = emptyTally();
		for (const [index, name] of SUMS.entries()) tally[name] = this.sums[index]?.[end] as number;
		const moves: Move[] = [];
		const cumulative: (number | undefined)[] = Array.from(this.checkpoints, () => undefined);
		let checkpoint = this.checkpoints.length - 1;
		let node = end;
		let bit = this.moved.length;
		for (let tick = this.times.length; tick >= 0; tick -= 1) {
			for (; this.checkpoints[checkpoint]?.ticks === tick; checkpoint -= 1) {
				cumulative[checkpoint] = this.checkpoints[checkpoint]?.scores[node];
			}
			if (tick === 0) break;
			bit -= this.widths.at(tick - 1);
			if (!this.moved.at(bit + node)) continue;
			const from = this.sources.at(tick - 1);
			const time = this.times.at(tick - 1);
			const reason = "pays, as what follows is known";
			moves.push({ time, workload: this.options.workload, from: names[from] ?? "", to: names[node] ?? "", reason });
			node = from;
		}
		return { tally: { ...tally, ...countsOf(moves) }, moves: logOf(moves.toReversed()), cumulative };
	}

	private best(): number {
		const { names } = this.options.nodes;
		let best = 0;
		for (let node = 1; node < this.scores.length; node += 1) {
			const lead = (this.scores[node] as number) - (this.scores[best] as number);
			if (lead > 0 || (lead === 0 && (names[node] as string) < (names[best] as string))) best = node;
		}
		return best;
	}

	private copy(node: number, { score, sums, cost }: { score: number; sums: readonly number[]; cost: number }): void {
		this.scores[node] = score;
		for (const [index, value] of sums.entries()) (this.sums[index] as Float64Array)[node] = value;
		const charge = this.sums[SUMS.indexOf("charge")] as Float64Array;
		charge[node] = (charge[node] as number) + cost;
	}

	private add(node: number, { scene, outlook }: { scene: Scene; outlook: Outlook | undefined }): void {
		const value = scene.counts ? (scene.values[node] as number) : 0;
		this.scores[node] = (this.scores[node] as number) + this.options.sign * value;
		const error = errorOf(scene, outlook, node);
		const covered = coverageOf(scene, outlook, node);
		const violation = (scene.violated[node] ?? 0) * this.options.stepSeconds;
		const [ticks, values, , violations, errorSums, errors, intervals, coverage] = this.sums as [
			Float64Array,
			Float64Array,
			Float64Array,
			Float64Array,
			Float64Array,
			Float64Array,
			Float64Array,
			Float64Array,
		];
		increase(ticks, node, scene.counts ? 1 : 0);
		increase(values, node, value);
		increase(violations, node, violation);
		if (!Number.isNaN(error)) {
			increase(errorSums, node, error);
			increase(errors, node, 1);
		}
		if (!Number.isNaN(covered)) {
			increase(intervals, node, 1);
			increase(coverage, node, covered);
		}
	}

	private grow(size: number): void {
		if (size <= this.scores.length) return;
		const scores = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
		scores.set(this.scores);
		this.scores = scores;
		this.sums = this.sums.map((sum) => {
			const larger = new Float64Array(size);
			larger.set(sum);
			return larger;
		});
	}
}

function increase(sums: Float64Array, node: number, by: number): void {
	sums[node] = (sums[node] as number) + by;
}

/** Moves, and those back to where the move before came from. */
function countsOf(newestFirst: readonly Move[]): Pick<Tally, "moves" | "pingPongs"> {
	const back = newestFirst.filter((move, index) => newestFirst[index + 1]?.from === move.to);
	return { moves: newestFirst.length, pingPongs: back.length };
}

function logOf(moves: readonly Move[]): MoveLog {
	const log = new MoveLog();
	for (const move of moves) log.add(move);
	return log;
}
