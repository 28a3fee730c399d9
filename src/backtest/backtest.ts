import type { Objective } from "../core/policy/policy.ts";
import type { Contender, Situation } from "./contender.ts";
import { type Entry, Lane, type LaneTick } from "./lane.ts";
import { ORACLE } from "./policies/names.ts";
import { MoveLog } from "./scoring/moves.ts";
import type { OracleResult } from "./scoring/oracle.ts";
import { emptyTally, type Figures, figuresOf, type Tally } from "./scoring/tally.ts";
import { Curve, TimeLine } from "./scoring/time-line.ts";
import { withSteps } from "./step.ts";
import type { Tick, WorkloadTick } from "./trace/ticks.ts";

export interface BacktestOptions {
	readonly objective: Objective;
	/** In the order of the result; the oracle always runs beside them. */
	readonly contenders: readonly Contender[];
	/** The actual values of a tick. */
	readonly actual: (tick: WorkloadTick) => Float64Array;
}

/** How one policy fared. */
export interface PolicyResult {
	readonly name: string;
	readonly figures: Figures;
	readonly moves: MoveLog;
	/** One value per bucket of the time line; absent where there is none. */
	readonly curves: {
		/** Mean value net of moves, in the objective's unit. */
		readonly net: readonly (number | undefined)[];
		/** Regret gathered so far, as a share of the whole trace: it ends at the regret of the figures. */
		readonly regret: readonly (number | undefined)[];
		/** Share of intervals that held the actual value. */
		readonly coverage: readonly (number | undefined)[];
	};
}

export interface BacktestResult {
	/** The contenders in their order, then the oracle. */
	readonly policies: readonly PolicyResult[];
	/** ms since the epoch: beginnings of the buckets of all curves, and the last tick. */
	readonly starts: readonly number[];
	readonly end: number;
	readonly ticks: number;
	readonly rows: number;
	readonly workloads: number;
	/** Seconds between two ticks of the first workload. */
	readonly stepSeconds: number;
}

/** Memory for the oracle's checkpoints, in numbers. */
const MAX_CHECKPOINT_CELLS = 4_000_000;

/** Lets all contenders live through a trace, read once, beside an oracle that knows what comes. */
export async function backtest(ticks: AsyncIterable<Tick>, options: BacktestOptions): Promise<BacktestResult> {
	const run = new Run(options);
	for await (const { tick, steps } of withSteps(ticks)) {
		const pending = run.step(tick, (workload) => steps.of(workload));
		if (pending) await pending;
	}
	return run.result();
}

class Run {
	private readonly options: BacktestOptions;
	private readonly entries: readonly Entry[];
	private readonly lanes = new Map<string, Lane>();
	private readonly line = new TimeLine();
	private ticks = 0;
	private rows = 0;

	constructor(options: BacktestOptions) {
		this.options = options;
		this.entries = options.contenders.map((contender) => ({
			contender,
			tally: emptyTally(),
			moves: new MoveLog(),
			curve: new Curve(),
		}));
	}

	/** A promise only where a contender has something to wait for. */
	step(tick: Tick, stepOf: (workload: string) => number): Promise<void> | undefined {
		this.ticks += 1;
		this.rows += tick.rows;
		const bucket = this.line.begin(tick.time, () => this.halve());
		const steps = tick.workloads.map((own) => ({ lane: this.lane(own, stepOf), at: this.laneTick(own, tick, bucket) }));
		const finish = () => {
			for (const { lane, at } of steps) lane.step(at, this.entries);
			if (this.line.isFull) this.checkpoint(bucket);
		};
		const waiting = this.entries.filter(({ contender }) => contender.prepare);
		if (waiting.length > 0) return this.prepare(tick, waiting, steps).then(finish);
		finish();
		return undefined;
	}

	result(): BacktestResult {
		this.checkpoint(this.line.starts.length - 1);
		const oracles = [...this.lanes.values()].map((lane) => lane.oracle.finish());
		const best = oracles.reduce((sum, { tally }) => added(sum, tally), emptyTally());
		const { direction, target } = this.options.objective;
		const figures = (tally: Tally) => figuresOf(tally, { direction, best, hasTarget: target !== undefined });
		const cumulative = this.oracleCumulative(oracles);
		return {
			policies: [
				...this.entries.map((entry) => ({
					name: entry.contender.name,
					figures: figures(entry.tally),
					moves: entry.moves,
					curves: this.curves(entry, cumulative),
				})),
				{
					name: ORACLE,
					figures: figures(best),
					moves: merged(oracles.map(({ moves }) => moves)),
					curves: this.oracleCurves(cumulative),
				},
			],
			starts: this.line.starts,
			end: this.line.end,
			ticks: this.ticks,
			rows: this.rows,
			workloads: this.lanes.size,
			stepSeconds: this.lanes.values().next().value?.stepSeconds ?? 0,
		};
	}

	private async prepare(
		tick: Tick,
		waiting: readonly Entry[],
		steps: readonly { readonly lane: Lane; readonly at: LaneTick }[],
	): Promise<void> {
		for (const entry of waiting) {
			const situations = new Map<string, Situation>(
				steps.map(({ lane, at }) => [at.tick.workload, lane.situation(entry, at)]),
			);
			await entry.contender.prepare?.(tick, situations);
		}
	}

	private lane(own: WorkloadTick, stepOf: (workload: string) => number): Lane {
		let lane = this.lanes.get(own.workload);
		if (!lane) {
			lane = new Lane(own, { objective: this.options.objective, stepSeconds: stepOf(own.workload) });
			this.lanes.set(own.workload, lane);
		}
		return lane;
	}

	private laneTick(tick: WorkloadTick, { time }: Tick, bucket: number): LaneTick {
		return { time, bucket, tick, actual: this.options.actual(tick) };
	}

	private checkpoint(bucket: number): void {
		if (bucket < 0) return;
		let cells = 0;
		for (const { oracle } of this.lanes.values()) {
			oracle.checkpoint(bucket);
			cells += oracle.size;
		}
		if (cells > MAX_CHECKPOINT_CELLS) this.line.economize();
	}

	private halve(): void {
		for (const { curve } of this.entries) curve.halve();
		for (const { oracle } of this.lanes.values()) oracle.halve();
	}

	/** Net score of all oracles up to the end of each bucket. */
	private oracleCumulative(oracles: readonly OracleResult[]): readonly number[] {
		return this.line.starts.map((_, bucket) =>
			oracles.reduce((sum, { cumulative }) => sum + (cumulative[bucket] ?? 0), 0),
		);
	}

	private curves({ curve }: Entry, oracle: readonly number[]): PolicyResult["curves"] {
		const sums = this.line.starts.map((_, bucket) => curve.at(bucket));
		const total = sums.reduce((sum, { ticks }) => sum + ticks, 0);
		let own = 0;
		return {
			net: sums.map(({ net, ticks }) => (ticks === 0 ? undefined : (this.sign * net) / ticks)),
			regret: sums.map(({ net }, bucket) => {
				own += net;
				return total === 0 ? undefined : ((oracle[bucket] as number) - own) / total;
			}),
			coverage: sums.map(({ covered, intervals }) => (intervals === 0 ? undefined : covered / intervals)),
		};
	}

	private oracleCurves(cumulative: readonly number[]): PolicyResult["curves"] {
		const ticks = this.line.starts.map((_, bucket) => this.entries[0]?.curve.at(bucket).ticks ?? 0);
		return {
			net: cumulative.map((sum, bucket) => {
				const number = ticks[bucket] ?? 0;
				return number === 0 ? undefined : (this.sign * (sum - (cumulative[bucket - 1] ?? 0))) / number;
			}),
			regret: cumulative.map(() => 0),
			coverage: cumulative.map(() => undefined),
		};
	}

	private get sign(): 1 | -1 {
		return this.options.objective.direction === "Maximize" ? 1 : -1;
	}
}

function added(left: Tally, right: Tally): Tally {
	const sum = { ...left };
	for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += right[name];
	return sum;
}

function merged(logs: readonly MoveLog[]): MoveLog {
	if (logs.length === 1) return logs[0] as MoveLog;
	const log = new MoveLog();
	for (const move of logs.flatMap((one) => [...one]).sort((left, right) => left.time - right.time)) log.add(move);
	return log;
}
