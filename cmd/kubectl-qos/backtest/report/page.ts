import { basename } from "node:path";
import { formatDuration } from "../../../../src/api/v1alpha1/duration.ts";
import type { BacktestResult, PolicyResult } from "../../../../src/backtest/backtest.ts";
import { ORACLE, OURS } from "../../../../src/backtest/policies/names.ts";
import { escapeText } from "../../../../src/charts/markup.ts";
import type { Policy } from "../../../../src/core/policy/policy.ts";
import { formatShare } from "../../output/number.ts";
import { digits, resultTable } from "../output.ts";
import { chart } from "./chart.ts";
import { STYLE } from "./style.ts";

/** What a page tells. */
export interface ReportContent {
	/** All policies that ran, the oracle included. */
	readonly result: BacktestResult;
	readonly policy: Policy;
	readonly trace: string;
}

/** Moves that are listed one by one. */
const LISTED_MOVES = 100;

/** A backtest as one HTML page that needs nothing but itself: no script, no font, no network. */
export function renderReport(content: ReportContent): string {
	const { result, policy, trace } = content;
	const { objective } = policy;
	const target = objective.target === undefined ? "no target" : `target ${objective.target}`;
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Backtest of ${escapeText(basename(trace))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${headline(result)}</h1>
<p class="soft">${escapeText(`${objective.direction} ${objective.metric}, ${target}: ${counted(result.rows, "row")} of ${counted(result.workloads, "workload")}, ${counted(result.ticks, "tick")} of ${formatDuration(result.stepSeconds)}.`)} QoS is what was measured where each policy had put the workloads, the mean of all; “net” charges 30 s of outage per move. The oracle knows what comes: no policy can do better.</p>
${tiles(result)}
<h2>QoS over time, net of moves</h2>
${qosChart(content)}
<h2>Regret against the oracle</h2>
${regretChart(result)}
${coverageSection(result)}
<h2>All figures</h2>
${table(result)}
${moves(result)}
<footer>${escapeText(basename(trace))} · policy ${escapeText(policy.name)}: minGain ${formatShare(policy.rebalance.minGain)}, confidence ${formatShare(policy.rebalance.confidence)}, stabilization ${policy.rebalance.stabilization}, cooldown ${formatDuration(policy.rebalance.cooldownSeconds)}, ${escapeText(policy.rebalance.trigger)}</footer>
</body>
</html>
`;
}

function counted(number: number, noun: string): string {
	return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

function named({ policies }: BacktestResult, name: string): PolicyResult | undefined {
	return policies.find((policy) => policy.name === name);
}

/** The policy that comes nearest to the oracle, ours and the oracle apart. */
function bestOther({ policies }: BacktestResult): PolicyResult | undefined {
	const others = policies.filter(
		({ name, figures }) => name !== OURS && name !== ORACLE && figures.regret !== undefined,
	);
	return others.toSorted((left, right) => (left.figures.regret as number) - (right.figures.regret as number))[0];
}

function headline(result: BacktestResult): string {
	const ours = named(result, OURS)?.figures;
	if (ours?.eff === undefined || ours.regret === undefined) return "Nothing is known of the QoS in this trace.";
	const moved = ours.moveCount === 0 ? "never moved anything" : `moved ${counted(ours.moveCount, "time")}`;
	return `kubectl-qos ${moved} and reached a net QoS of ${digits(ours.eff)}, ${Number(ours.regret.toPrecision(2))} from the best possible.`;
}

function tiles(result: BacktestResult): string {
	const ours = named(result, OURS)?.figures;
	const other = bestOther(result);
	if (!ours) return "";
	const tile = (value: string, text: string) =>
		`<div class="tile"><b>${value}</b><span>${escapeText(text)}</span></div>`;
	const versus = (value: string | undefined) => (value === undefined ? "" : ` <span>vs ${value}</span>`);
	const oracle = named(result, ORACLE)?.figures;
	return `<div class="tiles">${[
		tile(`${digits(ours.eff)}${versus(oracle && digits(oracle.eff))}`, "net QoS, ours and the oracle's"),
		tile(
			`${digits(ours.regret)}${versus(other && digits(other.figures.regret))}`,
			`regret${other ? `, ours and ${other.name}'s` : ""}`,
		),
		tile(`${ours.moveCount}${versus(oracle && String(oracle.moveCount))}`, "moves, ours and the oracle's"),
		tile(
			ours.violationSeconds === undefined ? "–" : formatDuration(ours.violationSeconds),
			ours.violationSeconds === undefined ? "SLO violation: the policy has no target" : "SLO violation",
		),
	].join("")}</div>`;
}

function legend(policies: readonly PolicyResult[], extra: readonly string[] = []): string {
	const key = (shape: string, text: string) =>
		`<li><svg viewBox="0 0 34 12" aria-hidden="true">${shape}</svg>${escapeText(text)}</li>`;
	return `<ul class="legend">${policies.map(({ name }) => key(`<path class="line ${name}" d="M0 6H34"/>`, name)).join("")}${extra.join("")}</ul>`;
}

/** Ours, the nearest other and the oracle: more lines would hide each other. */
function qosChart({ result, policy: { objective } }: ReportContent): string {
	const shown = [named(result, OURS), bestOther(result), named(result, ORACLE)].filter((one) => one !== undefined);
	const ours = named(result, OURS);
	const strokes = `<li><svg viewBox="0 0 34 12" aria-hidden="true"><path class="moves" d="M8 1v10M17 1v10M26 1v10"/></svg>moves of kubectl-qos</li>`;
	const picture = chart({
		label: "Mean QoS over time of kubectl-qos, the best other policy and the oracle",
		times: result.starts,
		end: result.end,
		series: shown.map(({ name, curves }) => ({ kind: name, values: curves.net })),
		level:
			objective.target === undefined ? undefined : { value: objective.target, label: `target ${objective.target}` },
		marks: ours ? [...ours.moves].map(({ time }) => time) : [],
		format: digits,
	});
	return `${legend(shown, [strokes])}<figure>${picture}</figure>`;
}

function regretChart(result: BacktestResult): string {
	const shown = result.policies.filter(({ name }) => name !== ORACLE);
	const picture = chart({
		label: "Regret of each policy, gathered over time",
		times: result.starts,
		end: result.end,
		series: shown.map(({ name, curves }) => ({ kind: name, values: curves.regret })),
		format: digits,
	});
	return `${legend(shown)}<figure>${picture}<figcaption>What a policy has lost so far against the oracle, as a share of the whole trace: each line ends at the policy's regret.</figcaption></figure>`;
}

function coverageSection(result: BacktestResult): string {
	const ours = named(result, OURS);
	if (ours?.figures.coverage === undefined) {
		return `<h2>Interval coverage</h2><p class="soft">The trace has no intervals, or no actual values to compare them with.</p>`;
	}
	const picture = chart({
		label: "Share of 90 % intervals that held the actual value, over time",
		times: result.starts,
		end: result.end,
		series: [{ kind: OURS, values: ours.curves.coverage.map((share) => share && share * 100) }],
		level: { value: 90, label: "nominal 90 %" },
		format: (value) => `${digits(value)} %`,
	});
	return `<h2>Interval coverage</h2><figure>${picture}<figcaption>Share of the 90 % intervals that held the actual value on the node where kubectl-qos had put the workload: ${formatShare(ours.figures.coverage)} over the whole trace.</figcaption></figure>`;
}

function table(result: BacktestResult): string {
	const { headers, rows } = resultTable(result);
	const head = headers.map((header) => `<th>${escapeText(header.toLowerCase())}</th>`).join("");
	const body = rows.map(
		(cells) =>
			`<tr${cells[0] === OURS ? ' class="ours"' : ""}>${cells.map((cell) => `<td>${cell === "<none>" ? "–" : escapeText(cell)}</td>`).join("")}</tr>`,
	);
	return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function moves(result: BacktestResult): string {
	const ours = named(result, OURS);
	if (!ours || ours.moves.length === 0) return "";
	const count = Math.min(ours.moves.length, LISTED_MOVES);
	const rows = Array.from({ length: count }, (_, index) => {
		const { time, workload, from, to, reason } = ours.moves.at(index);
		const when = new Date(time).toISOString().slice(0, 16).replace("T", " ");
		return `<tr><td>${when}</td><td class="text">${escapeText(workload)}</td><td class="text">${escapeText(`${from} → ${to}`)}</td><td class="why">${escapeText(reason)}</td></tr>`;
	});
	const which =
		count < ours.moves.length ? `The first ${count} of ${counted(ours.moves.length, "move")}` : counted(count, "move");
	return `<details><summary>${which} of kubectl-qos, with reasons</summary><div class="scroll"><table><thead><tr><th>time (UTC)</th><th class="text">workload</th><th class="text">move</th><th class="text">why</th></tr></thead><tbody>${rows.join("")}</tbody></table></div></details>`;
}
