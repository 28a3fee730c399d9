import { TextFileError } from "../../../src/adapters/text-file/errors.ts";
import { openTextFile } from "../../../src/adapters/text-file/read-lines.ts";
import { type BacktestResult, backtest } from "../../../src/backtest/backtest.ts";
import { actualOf, type Contender, predictionContender } from "../../../src/backtest/contender.ts";
import { metricsContender } from "../../../src/backtest/metrics/contender.ts";
import { ORACLE, type RulePolicyName } from "../../../src/backtest/policies/names.ts";
import { POLICIES } from "../../../src/backtest/policies/policies.ts";
import type { Replay } from "../../../src/backtest/replay.ts";
import { type Lines, TraceError } from "../../../src/backtest/trace/lines.ts";
import { readTrace } from "../../../src/backtest/trace/read.ts";
import type { WorkloadTick } from "../../../src/backtest/trace/ticks.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { badFile, usage } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { metricsRun } from "./metrics.ts";
import type { BacktestOptions } from "./options.ts";
import { defaultPolicy, readPolicyFile } from "./policy-file.ts";
import { withProgress } from "./progress.ts";
import { isDecisionLog, runReplay } from "./replay.ts";

/** What a backtest found, and with which policy. */
export interface Found {
	/** Of the policies that were asked for. */
	readonly result: BacktestResult;
	/** The oracle's too, in any case. */
	readonly everything: BacktestResult;
	readonly policy: Policy;
	/** What to tell the user beside the figures. */
	readonly remarks: readonly string[];
}

/** Runs the policies on the trace, or replays it when it is a decision log. @throws PluginError */
export async function runBacktest(options: BacktestOptions, terminal: Terminal): Promise<Found | Replay> {
	try {
		const file = await openTextFile(options.trace);
		try {
			const { first, all } = await peeked(withProgress(file.lines(), { file, terminal }));
			return await (isDecisionLog(first) ? runReplay(all) : tried(all, options));
		} finally {
			await file.close();
		}
	} catch (error) {
		if (error instanceof TraceError || error instanceof TextFileError) {
			throw badFile(options.trace, error.message, error.line);
		}
		throw error;
	}
}

/** The first line that is not empty, and all batches with it. */
async function peeked(batches: AsyncGenerator<Lines>): Promise<{ first: string; all: AsyncIterable<Lines> }> {
	const held: Lines[] = [];
	let first: string | undefined;
	while (first === undefined) {
		const next = await batches.next();
		if (next.done) break;
		held.push(next.value);
		first = next.value.lines.find((line) => line.trim() !== "");
	}
	async function* all() {
		yield* held.splice(0);
		yield* batches;
	}
	return { first: first ?? "", all: all() };
}

async function tried(lines: AsyncIterable<Lines>, options: BacktestOptions): Promise<Found> {
	const policy = await policyOf(options);
	const { layout, ticks } = await readTrace(lines, options);
	const names = options.compare.filter((name): name is RulePolicyName => name !== ORACLE);
	const remarks = layout.ignored.length > 0 ? [`note: columns not used: ${layout.ignored.join(", ")}`] : [];
	if (layout.form === "Metrics") {
		const metrics = await metricsRun(layout, policy);
		try {
			const contenders = names.map((name): Contender => metricsContender(name, POLICIES[name], metrics));
			const { objective } = metrics.columns;
			const actual = ({ columns }: WorkloadTick) => columns[objective] as Float64Array;
			const everything = await backtest(ticks, { objective: policy.objective, contenders, actual });
			return {
				result: only(everything, options.compare),
				everything,
				policy,
				remarks: [...remarks, ...metrics.remarks],
			};
		} finally {
			await metrics.close();
		}
	}
	const contenders = names.map((name): Contender => predictionContender(name, POLICIES[name], policy));
	const everything = await backtest(ticks, { objective: policy.objective, contenders, actual: actualOf });
	return { result: only(everything, options.compare), everything, policy, remarks };
}

async function policyOf({ policy, direction, target }: BacktestOptions): Promise<Policy> {
	if (policy !== undefined) return readPolicyFile(policy);
	if (direction !== undefined) return defaultPolicy({ direction, target });
	throw usage(
		"whether more or less is better is never guessed: give --policy FILE, or --direction Minimize or Maximize",
		"backtest",
	);
}

function only(result: BacktestResult, names: readonly string[]): BacktestResult {
	return { ...result, policies: result.policies.filter(({ name }) => names.includes(name)) };
}
