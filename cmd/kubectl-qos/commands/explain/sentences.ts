import type { QoSReportStatus, ReportedNode } from "../../../../src/api/v1alpha1/report.ts";
import { improvement } from "../../../../src/core/recommendation/gain.ts";
import { formatAge } from "../../output/age.ts";
import { formatInterval, formatShare, formatValue, UNKNOWN } from "../../output/number.ts";
import { printable } from "../../output/printable.ts";
import { ageOf, believable, isStale } from "../../resources/freshness.ts";
import { explainAbsence, type Workload } from "../../resources/workloads.ts";
import { sloVerdict } from "../slo.ts";

/** What the report says of one Deployment, as sentences: where it is, what is decided, and every node. */
export function explainWorkload(
	workload: Workload,
	{ now, nodes }: { readonly now: number; readonly nodes: readonly string[] },
): readonly string[] {
	const { deployment } = workload;
	const title = `deployment.apps/${deployment.name} in namespace ${deployment.namespace}`;
	const status = believable(workload.report?.value, now);
	if (!status) return [`${title}: ${UNKNOWN} (${explainAbsence(workload).reason})`];
	const stale = isStale(status, now) ? ` (${formatAge(ageOf(status, now))} old, stale)` : "";
	const mode = workload.governance?.policy.mode ?? UNKNOWN;
	const lines = [
		`${title}: ${objectiveOf(status)}, by QoSPolicy "${status.policy}" (${mode})${stale}`,
		`  ${currentSentence(status)}`,
		`  ${status.decision.action}: ${status.decision.message} (${status.decision.reason}).`,
	];
	if (isStale(status, now)) return lines.map(printable);
	const sentences = nodes.length > 0 ? nodes.map((name) => namedSentence(name, status)) : allSentences(status);
	return [...lines, "", ...sentences.map((sentence) => `  ${sentence}`)].map(printable);
}

function objectiveOf({ objective }: QoSReportStatus): string {
	const { metric, direction, target, unit } = objective;
	const bound = direction === "Minimize" ? "at most" : "at least";
	return target === undefined ? `${direction} ${metric}` : `${metric} ${bound} ${formatValue(target, unit)}`;
}

function currentSentence({ current, objective }: QoSReportStatus): string {
	const where = current.node === undefined ? "It runs on no node" : `It runs on ${current.node}`;
	const measured =
		current.measured === undefined
			? `measured ${UNKNOWN} (${current.measuredUnknown ?? "no reason given"})`
			: `measured ${formatValue(current.measured, objective.unit)}`;
	const verdict = { ok: ", which keeps the target", breach: ", which breaks the target" }[
		sloVerdict(current.measured, objective)
	];
	return `${where}: ${measured}${verdict ?? ""}; ${predictedOf(current, objective.unit)} predicted there.`;
}

function predictedOf({ predicted }: Pick<ReportedNode, "predicted">, unit: string): string {
	return predicted ? `${formatValue(predicted.value, unit)} (${formatInterval(predicted, unit)})` : UNKNOWN;
}

function allSentences(status: QoSReportStatus): readonly string[] {
	const sentences = status.nodes.map((node) => sentenceOf(node, status));
	const hidden = status.nodesTotal - status.nodes.length;
	return hidden > 0 ? [...sentences, `${hidden} more nodes rank behind and are not in the report.`] : sentences;
}

function namedSentence(name: string, status: QoSReportStatus): string {
	const node = status.nodes.find((candidate) => candidate.name === name);
	if (node) return sentenceOf(node, status);
	return status.nodesTotal > status.nodes.length
		? `${name} is not among the ${status.nodes.length} best of ${status.nodesTotal} nodes.`
		: `${name} is no candidate: it does not exist, or the policy's placement leaves it out.`;
}

function sentenceOf(node: ReportedNode, status: QoSReportStatus): string {
	const { unit } = status.objective;
	const name = node.name === status.current.node ? `${node.name}*` : node.name;
	if (!node.feasible) {
		const would = node.predicted ? `; ${predictedOf(node, unit)} would be predicted` : "";
		return `${name} is rejected: ${node.message ?? "no reason given"} (${node.reason ?? "Infeasible"})${would}.`;
	}
	if (!node.predicted) return `${name} is not ranked: it is feasible, but its prediction is ${UNKNOWN}.`;
	const predicted = `${predictedOf(node, unit)} predicted${targetOf(node, status)}`;
	const best = status.nodes.find(({ rank }) => rank === 1);
	if (!best?.predicted || best.name === node.name) return `${name} ${bestVerdict(node, status)}: ${predicted}.`;
	if (isRecommended(node, status)) return `${name} is recommended${gainOf(status)}: ${predicted}.`;
	return `${name} is outranked by ${best.name}${distance(node, best, status)}: ${predicted}.`;
}

/** How far behind the best; by its expected value a place may even be ahead of it, since the interval's worse end ranks. */
function distance(node: ReportedNode, best: ReportedNode, { objective }: QoSReportStatus): string {
	const { predicted, rank } = node;
	if (!predicted || !best.predicted) return "";
	const apart = improvement(objective.direction, predicted.value, best.predicted.value);
	const behind = apart >= 0 ? ` by ${formatValue(apart, objective.unit)}` : " by the worse end of its interval";
	return rank === undefined ? behind : `${behind}, rank ${rank}`;
}

function bestVerdict(node: ReportedNode, status: QoSReportStatus): string {
	if (node.name === status.current.node) return "is the best and runs it already";
	if (!isRecommended(node, status)) return "ranks first by the worse end of its interval";
	const held = status.decision.action === "Move" ? "" : `, but ${status.decision.action} (${status.decision.reason})`;
	return `is recommended${gainOf(status)}${held}`;
}

function isRecommended(node: ReportedNode, { recommended }: QoSReportStatus): boolean {
	return recommended?.node === node.name;
}

function gainOf({ recommended }: QoSReportStatus): string {
	const { gain, gainLowerBound } = recommended ?? {};
	if (gain === undefined) return "";
	const bound = gainLowerBound === undefined ? "" : `, lower bound ${formatShare(gainLowerBound)}`;
	return ` for an expected gain of ${formatShare(gain)}${bound}`;
}

function targetOf({ predicted }: ReportedNode, { objective }: QoSReportStatus): string {
	const verdict = sloVerdict(predicted?.value, objective);
	if (verdict === "ok") return ", which keeps the target";
	return verdict === "breach" ? ", which breaks the target" : "";
}
