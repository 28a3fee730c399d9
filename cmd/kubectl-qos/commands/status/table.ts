import type { Migration } from "../../../../src/core/migration/migration.ts";
import { formatAge } from "../../output/age.ts";
import { formatValue, NONE, UNKNOWN } from "../../output/number.ts";
import type { Table } from "../../output/table.ts";
import { ageOf, believable, isStale } from "../../resources/freshness.ts";
import type { Read } from "../../resources/read.ts";
import type { Workload } from "../../resources/workloads.ts";
import { sloVerdict } from "../slo.ts";

/** One Deployment and its newest QoSMigration. */
export interface StatusRow {
	readonly workload: Workload;
	readonly last: Read<Migration> | undefined;
}

const HEADERS = ["NAME", "NODE", "MODE", "MEASURED", "TARGET", "SLO", "AGE", "MOVE", "PHASE", "PROMISED", "DELIVERED"];
const WIDE = ["POLICY", "REQUESTED-BY", "REASON", "MESSAGE"];

/** AGE is the report's; MOVE to DELIVERED speak of the newest QoSMigration. */
export function statusTable(
	rows: readonly StatusRow[],
	how: { readonly wide: boolean; readonly namespaces: boolean; readonly now: number },
): Table {
	return {
		headers: [...(how.namespaces ? ["NAMESPACE"] : []), ...HEADERS, ...(how.wide ? WIDE : [])],
		rows: rows.map((row) => [
			...(how.namespaces ? [row.workload.deployment.namespace] : []),
			row.workload.deployment.name,
			...qualityCells(row.workload, how.now),
			...moveCells(row),
			...(how.wide ? wideCells(row) : []),
		]),
	};
}

function qualityCells({ report, governance }: Workload, now: number): readonly string[] {
	const mode = governance ? governance.policy.mode + (governance.policy.suspend ? " (suspended)" : "") : NONE;
	const status = believable(report?.value, now);
	if (!status) return [UNKNOWN, mode, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN];
	const { objective, current } = status;
	return [
		current.node ?? NONE,
		mode,
		formatValue(current.measured, objective.unit),
		objective.target === undefined ? NONE : formatValue(objective.target, objective.unit),
		sloVerdict(current.measured, objective),
		formatAge(ageOf(status, now)) + (isStale(status, now) ? " (stale)" : ""),
	];
}

function moveCells({ workload, last }: StatusRow): readonly string[] {
	if (!last) return [NONE, NONE, NONE, NONE];
	const { status, to } = last.value;
	const unit = workload.report?.value.status?.objective.unit ?? "";
	return [
		`${status.from ?? UNKNOWN}->${status.to ?? to ?? UNKNOWN}`,
		status.phase ?? "Pending",
		formatValue(status.promised?.value, unit),
		formatValue(status.measured, unit),
	];
}

function wideCells({ workload, last }: StatusRow): readonly string[] {
	const policy = workload.governance?.policy.name ?? NONE;
	if (!last) return [policy, NONE, NONE, NONE];
	const { requestedBy, status } = last.value;
	return [policy, requestedBy || UNKNOWN, status.reason || UNKNOWN, status.message || NONE];
}
