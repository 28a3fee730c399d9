import type { QoSReportStatus } from "../../../src/api/v1alpha1/report.ts";
import { READ_FLAGS } from "../arguments/flags.ts";
import { formatAge } from "../output/age.ts";
import { formatInterval, formatValue, NONE, UNKNOWN } from "../output/number.ts";
import type { Table } from "../output/table.ts";
import { ageOf, believable, isStale } from "../resources/freshness.ts";
import { explainAbsence, type Workload } from "../resources/workloads.ts";
import { defineCommand } from "./command.ts";
import { type Layout, printReports, workloadOptions } from "./reading.ts";
import { sloVerdict } from "./slo.ts";

/** `kubectl qos predict`: what QoS each Deployment would have on each node. */
export const predict = defineCommand({
	name: "predict",
	summary: "Show the predicted QoS of Deployments on every node",
	usage: "[TYPE/NAME...]",
	examples: [
		["kubectl qos predict deploy/web", "One Deployment on every node; * marks where it runs"],
		["kubectl qos predict -A -o wide", "All Deployments, with the reasons for infeasible nodes"],
		["kubectl qos predict deploy/web -o json", "The QoSReport behind it"],
	],
	operands: "deployments",
	flags: READ_FLAGS,
	options: workloadOptions,
	run: (options, context) => printReports(options, context, predictionTable),
});

type ReportedNode = QoSReportStatus["nodes"][number];

const HEADERS = ["NAME", "NODE", "PREDICTED", "INTERVAL", "SLO", "FEASIBLE", "AGE"];
const WIDE = ["DOMAIN", "RANK", "MODEL", "REASON"];

/** One row per Deployment and node; a Deployment of which nothing is known has one row. */
export const predictionTable: Layout = (workloads, { wide, namespaces, now }): Table => ({
	headers: [...(namespaces ? ["NAMESPACE"] : []), ...HEADERS, ...(wide ? WIDE : [])],
	rows: workloads.flatMap((workload) =>
		rowsOf(workload, now).map(({ cells, wideCells }) => [
			...(namespaces ? [workload.deployment.namespace] : []),
			workload.deployment.name,
			...cells,
			...(wide ? wideCells : []),
		]),
	),
});

interface Row {
	readonly cells: readonly string[];
	readonly wideCells: readonly string[];
}

function rowsOf(workload: Workload, now: number): readonly Row[] {
	const status = believable(workload.report?.value, now);
	if (!status) return [unknownRow(UNKNOWN, UNKNOWN, explainAbsence(workload).reason)];
	const age = formatAge(ageOf(status, now));
	if (isStale(status, now)) return [unknownRow(currentNode(status), `${age} (stale)`, status.decision.reason)];
	if (status.nodes.length === 0) return [unknownRow(currentNode(status), age, status.decision.reason)];
	return status.nodes.map((node) => nodeRow(node, status, age));
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
