import type { QoSReportStatus } from "../../../src/api/v1alpha1/report.ts";
import { NONE, UNKNOWN } from "../output/number.ts";

/** Whether a value keeps the objective's target: `ok`, `breach`, `<none>` without a target, `<unknown>` without a value. */
export function sloVerdict(value: number | undefined, objective: QoSReportStatus["objective"]): string {
	if (objective.target === undefined) return NONE;
	if (value === undefined || !Number.isFinite(value)) return UNKNOWN;
	const kept = objective.direction === "Minimize" ? value <= objective.target : value >= objective.target;
	return kept ? "ok" : "breach";
}
