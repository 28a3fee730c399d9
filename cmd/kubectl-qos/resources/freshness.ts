import type { QoSReport, QoSReportStatus } from "../../../src/api/v1alpha1/report.ts";

/** Reports come once a minute; one that missed several is not to be acted on. ms. */
const STALE_AFTER = 5 * 60_000;

/** ms since the report was observed; NaN when it does not say so. */
export function ageOf(report: QoSReportStatus, now: number): number {
	return now - Date.parse(report.observedAt);
}

export function isStale(report: QoSReportStatus, now: number): boolean {
	// Not `>`: an unreadable time is NaN and must count as stale.
	return !(ageOf(report, now) <= STALE_AFTER);
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
			message: `the report was last renewed at ${status.observedAt}; see 'kubectl qos status'`,
		},
		nodes: [],
	};
}
