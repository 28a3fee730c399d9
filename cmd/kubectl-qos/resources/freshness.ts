import type { QoSReport, QoSReportStatus } from "../../../src/api/v1alpha1/report.ts";
import { isFromFuture } from "../../../src/core/clock-skew.ts";
import { duration } from "../../../src/core/recommendation/format.ts";

/** Reports come once a minute; one that missed several is not to be acted on. ms. */
const STALE_AFTER = 5 * 60_000;

/** ms since the report was observed; NaN when it does not say so. */
export function ageOf(report: QoSReportStatus, now: number): number {
	return now - Date.parse(report.observedAt);
}

/** Too old, or of a time that has not come yet: nobody can say how old it is. */
export function isStale(report: QoSReportStatus, now: number): boolean {
	// Not `>`: an unreadable time is NaN and must count as stale.
	return !(ageOf(report, now) <= STALE_AFTER) || isFromFuture(Date.parse(report.observedAt), now);
}

/** Why a stale report is not believed. */
function objectionTo(report: QoSReportStatus, now: number): string {
	if (!isFromFuture(Date.parse(report.observedAt), now)) {
		return `the report was last renewed at ${report.observedAt}; see 'kubectl qos status'`;
	}
	return `the report is from the future, by ${duration(-ageOf(report, now))}: check the clocks of this computer and of the controller`;
}

/**
 * A report's status as it may be believed now: of a stale one nothing is left but where the Deployment
 * is, and the decision to stay. The same for every output format, since scripts act on what they read.
 */
export function believable(report: QoSReport | undefined, now: number): QoSReportStatus | undefined {
	const status = report?.status;
	if (!status || !isStale(status, now)) return status;
	const { node, domain } = status.current;
	return {
		...status,
		current: { ...(node !== undefined && { node }), ...(domain !== undefined && { domain }), measuredUnknown: "Stale" },
		recommended: undefined,
		decision: {
			action: "Stay",
			reason: "PredictionStale",
			message: objectionTo(status, now),
		},
		nodes: [],
	};
}
