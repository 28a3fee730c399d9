import { parseArgs } from "node:util";
import { backtest } from "../../src/backtest/backtest.ts";
import { actualOf, predictionContender } from "../../src/backtest/contender.ts";
import { OURS } from "../../src/backtest/policies/names.ts";
import { POLICIES } from "../../src/backtest/policies/policies.ts";
import type { Figures } from "../../src/backtest/scoring/tally.ts";
import type { Policy } from "../../src/core/policy/policy.ts";
import { type Goal, reached } from "./goals.ts";
import { scenarioPolicy } from "./policy.ts";
import { traceOf } from "./scenarios/trace.ts";
import { WORLDS } from "./scenarios/worlds.ts";

/** The figures of one policy, means over seeds. */
interface Mean {
	readonly name: string;
	readonly moves: number;
	readonly eff: number;
	readonly regret: number;
}

const GOALS: Readonly<Record<string, { readonly moves: number; readonly eff: number }>> = {
	"A: constant": { moves: 2, eff: 24.95 },
	"B: the best drops for two hours": { moves: 300, eff: 23.7 },
	"C: three are close": { moves: 60, eff: 24.9 },
};

/** 30 days on six nodes by every policy, one default setting for all. */
export async function run(args: readonly string[]): Promise<readonly Goal[]> {
	const { values } = parseArgs({
		args: [...args],
		strict: false,
		options: { seeds: { type: "string", default: "20" } },
	});
	const seeds = Number(values.seeds);
	console.log(`Scenarios: means over ${seeds} seeds; eff is the mean QoS net of 30 s of outage per move`);
	const policy = await scenarioPolicy();
	const goals: Goal[] = [];
	for (const world of WORLDS) {
		const means = await meansOf(world, policy, seeds);
		console.log(`  ${world.name}`);
		for (const { name, moves, eff, regret } of means) {
			const figures = `${moves.toFixed(1).padStart(7)} moves   eff ${eff.toFixed(3)}   regret ${regret.toFixed(3)}`;
			console.log(`    ${name.padEnd(22)} ${figures}`);
		}
		goals.push(...goalsOf(world.name, means));
	}
	return goals;
}

async function meansOf(world: (typeof WORLDS)[number], policy: Policy, seeds: number): Promise<readonly Mean[]> {
	const sums = new Map<string, { moves: number; eff: number; regret: number }>();
	for (let seed = 1; seed <= seeds; seed += 1) {
		const contenders = Object.entries(POLICIES).map(([name, create]) => predictionContender(name, create, policy));
		const { policies } = await backtest(traceOf(world, seed), {
			objective: policy.objective,
			contenders,
			actual: actualOf,
		});
		for (const { name, figures } of policies) add(sums, name, figures, seeds);
	}
	return [...sums].map(([name, sum]) => ({ name, ...sum }));
}

function add(
	sums: Map<string, { moves: number; eff: number; regret: number }>,
	name: string,
	{ moveCount, eff = Number.NaN, regret = Number.NaN }: Figures,
	seeds: number,
): void {
	const sum = sums.get(name) ?? { moves: 0, eff: 0, regret: 0 };
	sums.set(name, {
		moves: sum.moves + moveCount / seeds,
		eff: sum.eff + eff / seeds,
		regret: sum.regret + regret / seeds,
	});
}

function goalsOf(world: string, means: readonly Mean[]): readonly Goal[] {
	const ours = means.find(({ name }) => name === OURS) as Mean;
	const oracle = means.at(-1) as Mean;
	const goal = GOALS[world];
	if (goal) {
		return [
			reached(`${world}: moves`, ours.moves, "<=", goal.moves),
			reached(`${world}: eff`, ours.eff, ">=", goal.eff),
		];
	}
	const others = means.filter(({ name }) => name !== OURS && name !== oracle.name);
	const least = Math.min(...others.map(({ regret }) => regret));
	return [
		reached(`${world}: moves, twice the oracle's and 5`, ours.moves, "<=", 2 * oracle.moves + 5),
		reached(`${world}: regret, a third of the best comparison's or 0.3`, ours.regret, "<=", Math.max(least / 3, 0.3)),
	];
}
