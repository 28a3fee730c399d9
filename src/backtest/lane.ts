import type { Measurement } from "../core/metrics/metric.ts";
import type { Objective } from "../core/policy/policy.ts";
import type { Contender } from "./contender.ts";
import type { MoveLog } from "./scoring/moves.ts";
import { Oracle } from "./scoring/oracle.ts";
import { outageShare, type Scene, SceneMaker } from "./scoring/scene.ts";
import { count, coverageOf, type Tally } from "./scoring/tally.ts";
import type { BucketSums, Curve } from "./scoring/time-line.ts";
import type { WorkloadTick } from "./trace/ticks.ts";

/** A value older than so many ticks is no measurement any more, as in the metric store. */
const STALE_AFTER_TICKS = 2;

/** One contender with what its way adds up to, over all workloads. */
export interface Entry {
	readonly contender: Contender;
	readonly tally: Tally;
	readonly moves: MoveLog;
	readonly curve: Curve;
}

/** Where one contender has one workload. */
class Track {
	/** Number of the node. */
	at: number;
	/** The node that the last move left. */
	private left: number | undefined;
	private newest: { readonly value: number; readonly at: number } | undefined;

	constructor(start: number) {
		this.at = start;
	}

	/** Takes note of what is measured where the workload is; gives the newest that still counts. */
	measure(actual: Float64Array, time: number, stepSeconds: number): Measurement {
		const value = actual[this.at] ?? Number.NaN;
		if (!Number.isNaN(value)) this.newest = { value, at: time };
		if (!this.newest) return { known: false, reason: "Absent" };
		if (time - this.newest.at > STALE_AFTER_TICKS * stepSeconds * 1000) return { known: false, reason: "Stale" };
		return { known: true, ...this.newest };
	}

	/** Moves the workload; says whether that is back to where it came from. */
	move(to: number): boolean {
		const isBack = to === this.left;
		this.left = this.at;
		this.at = to;
		return isBack;
	}
}

export interface LaneTick {
	/** ms since the epoch. */
	readonly time: number;
	readonly bucket: number;
	readonly tick: WorkloadTick;
	readonly actual: Float64Array;
}

/** One workload of the trace, as every contender places it, and the oracle. */
export class Lane {
	readonly oracle: Oracle;
	readonly stepSeconds: number;
	private readonly scenes: SceneMaker;
	private readonly objective: Objective;
	private readonly tracks = new Map<Entry, Track>();
	private readonly start: number;

	constructor(first: WorkloadTick, { objective, stepSeconds }: { objective: Objective; stepSeconds: number }) {
		this.stepSeconds = stepSeconds;
		this.objective = objective;
		this.scenes = new SceneMaker(objective);
		this.start = first.current;
		this.oracle = new Oracle({
			workload: first.workload,
			nodes: first.nodes,
			start: first.current,
			sign: objective.direction === "Maximize" ? 1 : -1,
			stepSeconds,
		});
	}

	/** Where the contender has the workload now, and what is measured there. */
	situation(entry: Entry, { time, actual }: LaneTick) {
		const track = this.track(entry);
		return {
			time,
			current: track.at,
			measured: track.measure(actual, time, this.stepSeconds),
			stepSeconds: this.stepSeconds,
		};
	}

	/** One tick of all contenders and the oracle; a move takes effect within its tick. */
	step(at: LaneTick, entries: readonly Entry[]): void {
		const scene = this.scenes.scene(at.tick, at.actual);
		let outlook: ReturnType<Contender["step"]>["outlook"] | undefined;
		for (const entry of entries) {
			const step = entry.contender.step(at.tick, this.situation(entry, at));
			outlook ??= step.outlook;
			this.live(entry, at, { scene, step });
		}
		this.oracle.step(at.time, at.tick, { scene, outlook });
	}

	private live(
		entry: Entry,
		{ time, bucket, tick }: LaneTick,
		{ scene, step: { choice, outlook, graded = [] } }: { scene: Scene; step: ReturnType<Contender["step"]> },
	): void {
		const track = this.track(entry);
		const { tally } = entry;
		let charge = 0;
		if (choice && choice.node !== track.at) {
			const names = tick.nodes.names;
			const from = names[track.at] ?? "";
			if (track.move(choice.node)) tally.pingPongs += 1;
			tally.moves += 1;
			if (scene.counts) charge = outageShare(this.stepSeconds) * Math.abs(scene.values[choice.node] as number);
			entry.moves.add({ time, workload: tick.workload, from, to: names[choice.node] ?? "", reason: choice.reason });
		}
		tally.charge += charge;
		count(tally, scene, { node: track.at, outlook, stepSeconds: this.stepSeconds });
		const sums = entry.curve.at(bucket);
		addNet(sums, scene, { node: track.at, charge, sign: this.objective.direction === "Maximize" ? 1 : -1 });
		const covered = coverageOf(scene, outlook, track.at);
		if (!Number.isNaN(covered)) {
			sums.intervals += 1;
			sums.covered += covered;
		}
		for (const { error, isCovered } of graded) {
			tally.errors += 1;
			tally.errorSum += error;
			for (const into of [tally, sums]) {
				into.intervals += 1;
				into.covered += Number(isCovered);
			}
		}
	}

	private track(entry: Entry): Track {
		let track = this.tracks.get(entry);
		if (!track) {
			track = new Track(this.start);
			this.tracks.set(entry, track);
		}
		return track;
	}
}

function addNet(
	sums: BucketSums,
	scene: Scene,
	{ node, charge, sign }: { readonly node: number; readonly charge: number; readonly sign: 1 | -1 },
): void {
	if (!scene.counts) return;
	sums.ticks += 1;
	sums.net += sign * (scene.values[node] as number) - charge;
}
