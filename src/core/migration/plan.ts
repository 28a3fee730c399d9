import type { ClusterState } from "../cluster/state.ts";
import type { WorkloadKey } from "../cluster/workload.ts";
import type { Ledger } from "../features/ledger.ts";
import type { Evaluation } from "../recommendation/recommendation.ts";
import { CapCounter, type Caps, type CountedMove } from "./caps.ts";
import type { Command } from "./command.ts";
import { moveReservationId, podRequests } from "./reservation.ts";

export interface PlanInput {
	readonly evaluations: readonly Evaluation[];
	readonly cluster: Pick<ClusterState, "workloads" | "migrations">;
	/** Takes a reservation for every planned move. */
	readonly ledger: Ledger;
	readonly caps: Caps;
	/**
	 * Predicts and recommends anew with the ledger as it is now, without counting for stabilization; domains that are
	 * closed to it are left out. `undefined`: the workload is gone or governed no more.
	 */
	readonly reevaluate: (workload: WorkloadKey, closed?: ReadonlySet<string>) => Promise<Evaluation | undefined>;
	/** CPU that the workload's pod will use on the recommended node, in cores of that node. */
	readonly cpuCores: (evaluation: Evaluation) => number;
	/** ms since the epoch. */
	readonly now: number;
}

export interface Plan {
	/** One CreateMigration per move. */
	readonly commands: readonly Command[];
	/** In the order given, with the decisions that the plan came to. */
	readonly evaluations: readonly Evaluation[];
}

/**
 * Second looks in one cycle, at what moves before have changed and for second-best places: each costs a prediction for
 * every node, and a thousand workloads may want the same place.
 */
const MOST_LOOKS = 50;

/**
 * Cycles that a workload waits for its turn at the best place rather than go where it misses its target too: that it would
 * leave a cooldown later at the earliest.
 */
const PATIENCE_CYCLES = 2;

/** An evaluation that recommends a move, and how many moves were planned when it was made. */
interface Proposal {
	readonly evaluation: Evaluation;
	readonly plannedBefore: number;
}

/**
 * Plans all moves of one cycle together: the best lower-bound gain first. Every planned move goes into
 * the ledger, and a proposal from before it is evaluated again before it may be planned itself, so that
 * many workloads on one bad node do not all go to the one good node. Caps stand above all: what misses its target
 * goes to the best place that they leave it, unless it misses it there too and its turn at the best one is near; the rest
 * waits.
 */
export async function planCycle(input: PlanInput): Promise<Plan> {
	const cycle = new Cycle(input);
	await cycle.plan();
	const evaluations = input.evaluations.map(({ workload }) => cycle.final.get(workload) as Evaluation);
	return { commands: cycle.commands, evaluations };
}

/** One cycle's plan while it is made. */
class Cycle {
	readonly commands: Command[] = [];
	/** Evaluations with the decisions that the plan came to so far. */
	readonly final: Map<WorkloadKey, Evaluation>;
	private readonly input: PlanInput;
	private readonly counter: CapCounter;
	private readonly queue: Proposal[];
	/** By destination: workloads that miss their targets and wait for a turn there. */
	private readonly waiting = new Map<string, number>();
	private looks = 0;

	constructor(input: PlanInput) {
		this.input = input;
		this.counter = new CapCounter(input.caps, input.cluster.migrations);
		this.final = new Map(input.evaluations.map((evaluation) => [evaluation.workload, evaluation]));
		this.queue = input.evaluations.filter(isMove).map((evaluation) => ({ evaluation, plannedBefore: 0 }));
	}

	async plan(): Promise<void> {
		while (this.queue.length > 0) await this.take(takeBest(this.queue));
	}

	private async take({ evaluation, plannedBefore }: Proposal): Promise<void> {
		const { input, counter, commands, final } = this;
		final.set(evaluation.workload, evaluation);
		const move = moveOf(evaluation, input.cluster);
		if (!move) return;
		const exceeded = counter.exceeded(move);
		if (exceeded !== undefined) {
			final.set(evaluation.workload, capped(evaluation, exceeded.message));
			if (exceeded.byDestination && mustNotWait(evaluation)) await this.lookElsewhere(evaluation, move.to);
		} else if (plannedBefore < commands.length) {
			await this.lookAgain(evaluation);
		} else {
			counter.add(move);
			reserve(evaluation, input);
			commands.push(creation(evaluation, move));
		}
	}

	/** What a proposal from before the last planned move is now; after too many looks it waits for another cycle. */
	private async lookAgain(evaluation: Evaluation): Promise<void> {
		const again =
			this.looks < MOST_LOOKS
				? await this.input.reevaluate(evaluation.workload)
				: capped(evaluation, `this cycle has had its ${MOST_LOOKS} second looks`);
		this.looks += 1;
		if (again) this.final.set(again.workload, again);
		if (again && isMove(again)) this.propose(again);
	}

	/** Where to while the best place is full: to the second-best one, unless that misses the target and a turn is near. */
	private async lookElsewhere(evaluation: Evaluation, full: string): Promise<void> {
		if (this.looks >= MOST_LOOKS) return;
		this.looks += 1;
		const other = await secondBest(evaluation, this.counter.fullDestinations(), this.input);
		const ahead = this.waiting.get(full) ?? 0;
		const isTurnNear = ahead < PATIENCE_CYCLES * this.input.caps.perDestination;
		if (other && (other.recommended?.meetsTarget || !isTurnNear)) this.propose(other);
		else this.waiting.set(full, ahead + 1);
	}

	private propose(evaluation: Evaluation): void {
		this.queue.push({ evaluation, plannedBefore: this.commands.length });
	}
}

/** What misses its target does not wait for a turn at the best place while there is another that is better. */
function mustNotWait({ decision }: Evaluation): boolean {
	return decision.reason === "TargetBreached";
}

/** A move to none of the places that are full; `undefined`: there is none. */
async function secondBest(
	{ workload }: Evaluation,
	full: ReadonlySet<string>,
	{ reevaluate }: PlanInput,
): Promise<Evaluation | undefined> {
	const other = await reevaluate(workload, full);
	const isOther = other?.recommended !== undefined && !full.has(other.recommended.domain);
	return isOther && isMove(other) ? other : undefined;
}

function isMove({ decision, recommended }: Evaluation): boolean {
	return decision.action === "Move" && recommended !== undefined;
}

function bound({ recommended }: Evaluation): number {
	return recommended?.gainLowerBound ?? Number.NEGATIVE_INFINITY;
}

/** Of equal gains the first by name, so that the order of the evaluations does not matter. */
function isBetter(left: Evaluation, right: Evaluation): boolean {
	if (bound(left) !== bound(right)) return bound(left) > bound(right);
	return left.workload < right.workload;
}

function takeBest(queue: Proposal[]): Proposal {
	let best = 0;
	for (let index = 1; index < queue.length; index += 1) {
		if (isBetter((queue[index] as Proposal).evaluation, (queue[best] as Proposal).evaluation)) best = index;
	}
	return queue.splice(best, 1)[0] as Proposal;
}

function moveOf(evaluation: Evaluation, { workloads }: PlanInput["cluster"]): CountedMove | undefined {
	const workload = workloads.get(evaluation.workload);
	if (!workload || !evaluation.recommended) return undefined;
	return { namespace: workload.namespace, from: evaluation.current.domain, to: evaluation.recommended.domain };
}

function capped(evaluation: Evaluation, message: string): Evaluation {
	return { ...evaluation, decision: { action: "Stay", reason: "CapReached", message } };
}

function reserve(evaluation: Evaluation, { cluster, ledger, cpuCores, now }: PlanInput): void {
	const workload = cluster.workloads.get(evaluation.workload);
	if (!workload || !evaluation.recommended) return;
	ledger.reserve({
		id: moveReservationId(workload.key),
		workload: workload.key,
		node: evaluation.recommended.node,
		requests: podRequests(workload.template.scheduling.requests),
		cpuCores: cpuCores(evaluation),
		createdAt: now,
	});
}

function creation({ workload, decision }: Evaluation, { to }: CountedMove): Command {
	return { kind: "CreateMigration", workload, to, reason: `${decision.reason}: ${decision.message}` };
}
