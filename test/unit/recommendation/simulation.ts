import { standingOf } from "../../../src/core/migration/history.ts";
import { isFinished, type Migration } from "../../../src/core/migration/migration.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import type { Prediction } from "../../../src/core/prediction/prediction.ts";
import { predictedAt } from "../../../src/core/recommendation/candidates.ts";
import { emptyMemory } from "../../../src/core/recommendation/memory.ts";
import { recommend } from "../../../src/core/recommendation/recommend.ts";
import { migration, workload } from "../cluster-core/builders.ts";
import { candidate, candidateTable, predictionTable } from "./builders.ts";

/** What is predicted for every node at a tick; `undefined` is Unknown. */
export type World = (tick: number) => readonly (Prediction | undefined)[];

export interface Run {
	readonly policy: Policy;
	readonly ticks: number;
	readonly tickSeconds: number;
	readonly start: number;
	readonly world: World;
}

export interface Move {
	readonly tick: number;
	readonly from: number;
	readonly to: number;
}

/** One workload decides at every tick; a move succeeds at once and is kept as a finished migration. */
export function simulate({ policy, ticks, tickSeconds, start, world }: Run): { moves: Move[]; nodeAt: number[] } {
	const moves: Move[] = [];
	const nodeAt: number[] = [];
	const history: Migration[] = [];
	let at = start;
	const { levels } = emptyMemory();
	let streak = emptyMemory().streak;
	for (let tick = 0; tick < ticks; tick += 1) {
		const now = tick * tickSeconds * 1000;
		const predictions = world(tick);
		const nodes = predictions.map((_, index) => String(index));
		const table = predictionTable(nodes, predictions);
		levels.observe(table, { dataAt: now, windowSeconds: 0 });
		const candidates = {
			...candidateTable(nodes.map((node) => candidate(node, undefined))),
			predictions: levels.smooth(table),
		};
		const own = predictedAt(candidates, at);
		const result = recommend({
			policy,
			workload: workload("web"),
			current: {
				node: String(at),
				domain: String(at),
				measured: own ? { known: true, value: own.value, at: now } : { known: false, reason: "Absent" },
				predicted: own,
			},
			occupied: new Set([String(at)]),
			candidates,
			unknown: undefined,
			standing: standingOf("shop/web", history.slice(-10), policy, now),
			disruption: undefined,
			streak,
			dataAt: now,
			now,
		});
		streak = result.streak;
		if (result.decision.action === "Move" && result.recommended) {
			const to = Number(result.recommended.domain);
			moves.push({ tick, from: at, to });
			history.push(succeeded(history.length, now, String(to)));
			at = to;
		}
		nodeAt.push(at);
	}
	return { moves, nodeAt };
}

function succeeded(index: number, now: number, to: string): Migration {
	const times = { startedAt: now, rolledOutAt: now, completedAt: now };
	const made = migration(`m${index}`, { createdAt: now, status: { phase: "Succeeded", to, measured: 1, ...times } });
	if (!isFinished(made)) throw new Error("a succeeded migration must count as finished");
	return made;
}

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
