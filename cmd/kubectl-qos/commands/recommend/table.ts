import type { QoSReportStatus } from "../../../../src/api/v1alpha1/report.ts";
import { formatAge } from "../../output/age.ts";
import { formatShare, formatValue, NONE, UNKNOWN } from "../../output/number.ts";
import type { Table } from "../../output/table.ts";
import { ageOf, believable, isStale } from "../../resources/freshness.ts";
import { explainAbsence, type Workload } from "../../resources/workloads.ts";
import type { Layout } from "../reading.ts";

const HEADERS = ["NAME", "CURRENT", "RECOMMENDED", "GAIN", "ACTION", "REASON"];
const WIDE = ["POLICY", "PREDICTED", "MEASURED", "AGE", "MESSAGE"];

/** One row per Deployment. Places are values of the policy's topology key, as `migrate --to` takes them. */
export const recommendationTable: Layout = (workloads, { wide, namespaces, now }): Table => ({
	headers: [...(namespaces ? ["NAMESPACE"] : []), ...HEADERS, ...(wide ? WIDE : [])],
	rows: workloads.map((workload) => {
		const status = believable(workload.report?.value, now);
		return [
			...(namespaces ? [workload.deployment.namespace] : []),
			workload.deployment.name,
			...(status ? cellsOf(status, now) : absentCells(workload)),
			...(wide ? wideCells(workload, status, now) : []),
		];
	}),
});

function cellsOf(status: QoSReportStatus, now: number): readonly string[] {
	const { current, recommended, decision } = status;
	return [
		current.domain ?? current.node ?? NONE,
		recommended ? (recommended.domain ?? recommended.node) : NONE,
		gainOf(status, now),
		decision.action,
		decision.reason,
	];
}

function gainOf(status: QoSReportStatus, now: number): string {
	if (status.recommended) return formatShare(status.recommended.gain);
	return isStale(status, now) || status.decision.action === "Unknown" ? UNKNOWN : NONE;
}

function absentCells(workload: Workload): readonly string[] {
	return [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, explainAbsence(workload).reason];
}

function wideCells(workload: Workload, status: QoSReportStatus | undefined, now: number): readonly string[] {
	if (!status) {
		const policy = workload.governance?.policy.name ?? NONE;
		return [policy, UNKNOWN, UNKNOWN, UNKNOWN, explainAbsence(workload).message];
	}
	const { objective, current, decision } = status;
	return [
		status.policy,
		formatValue(current.predicted?.value, objective.unit),
		formatValue(current.measured, objective.unit),
		formatAge(ageOf(status, now)),
		decision.message,
	];
}
