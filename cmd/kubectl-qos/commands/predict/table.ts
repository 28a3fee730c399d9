import type { QoSReportStatus, ReportedNode } from "../../../../src/api/v1alpha1/report.ts";
import { formatAge } from "../../output/age.ts";
import { formatInterval, formatValue, NONE, UNKNOWN } from "../../output/number.ts";
import type { Table } from "../../output/table.ts";
import { ageOf, believable, isStale } from "../../resources/freshness.ts";
import { explainAbsence, type Workload } from "../../resources/workloads.ts";
import type { Layout } from "../reading.ts";
import { sloVerdict } from "../slo.ts";
import type { PredictOptions } from "./command.ts";

const HEADERS = ["NAME", "NODE", "PREDICTED", "INTERVAL", "SLO", "FEASIBLE", "AGE"];
const WIDE = ["DOMAIN", "RANK", "MODEL", "REASON"];

type Choice = Pick<PredictOptions, "top" | "nodes">;

/** One row per Deployment and node; a Deployment of which nothing is known has one row. `hide` is told of rows left out. */
export function predictionLayout(choice: Choice, hide: (count: number) => void): Layout {
	return (workloads, { wide, namespaces, now }): Table => ({
		headers: [...(namespaces ? ["NAMESPACE"] : []), ...HEADERS, ...(wide ? WIDE : [])],
		rows: workloads.flatMap((workload) =>
			rowsOf(workload, now, { choice, hide }).map(({ cells, wideCells }) => [
				...(namespaces ? [workload.deployment.namespace] : []),
				workload.deployment.name,
				...cells,
				...(wide ? wideCells : []),
			]),
		),
	});
}

interface Row {
	readonly cells: readonly string[];
	readonly wideCells: readonly string[];
}

function rowsOf(
	workload: Workload,
	now: number,
	{ choice, hide }: { readonly choice: Choice; readonly hide: (count: number) => void },
): readonly Row[] {
	const status = believable(workload.report?.value, now);
	if (!status) return [unknownRow(UNKNOWN, UNKNOWN, explainAbsence(workload).reason)];
	const age = formatAge(ageOf(status, now));
	if (isStale(status, now)) return [unknownRow(currentNode(status), `${age} (stale)`, status.decision.reason)];
	if (choice.nodes.length > 0) return choice.nodes.map((name) => rowOfNode(name, status, age));
	if (status.nodes.length === 0) return [unknownRow(currentNode(status), age, status.decision.reason)];
	const chosen = chosenNodes(status, choice.top);
	hide(status.nodesTotal - chosen.length);
	return chosen.map((node) => nodeRow(node, status, age));
}

/** The best `top` nodes; the current one is never left out. */
function chosenNodes({ nodes, current }: QoSReportStatus, top: number): readonly ReportedNode[] {
	const best = nodes.slice(0, top);
	const own = nodes.slice(top).find(({ name }) => name === current.node);
	return own ? [...best, own] : best;
}

function rowOfNode(name: string, status: QoSReportStatus, age: string): Row {
	const node = status.nodes.find((candidate) => candidate.name === name);
	if (node) return nodeRow(node, status, age);
	const isCut = status.nodesTotal > status.nodes.length;
	return unknownRow(name, age, isCut ? "NotListed" : "NoCandidate");
}

function currentNode({ current }: QoSReportStatus): string {
	return current.node === undefined ? NONE : `${current.node}*`;
}

function unknownRow(node: string, age: string, reason: string): Row {
	return {
		cells: [node, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, age],
		wideCells: [UNKNOWN, UNKNOWN, UNKNOWN, reason],
	};
}

function nodeRow(node: ReportedNode, { objective, current, modelRef }: QoSReportStatus, age: string): Row {
	return {
		cells: [
			node.name === current.node ? `${node.name}*` : node.name,
			formatValue(node.predicted?.value, objective.unit),
			formatInterval(node.predicted, objective.unit),
			sloVerdict(node.predicted?.value, objective),
			node.feasible ? "True" : "False",
			age,
		],
		wideCells: [
			node.domain ?? node.name,
			node.rank === undefined ? NONE : String(node.rank),
			modelRef ? `${modelRef.name}:${modelRef.version}` : UNKNOWN,
			node.reason ?? NONE,
		],
	};
}
