import type { QoSReportStatus } from "../../api/v1alpha1/report.ts";

/** Smaller changes of a value are not worth a write before the next heartbeat. */
const RELATIVE_CHANGE = 0.05;

/** Whether readers would see something new in `after`, beyond fresher times and noise. */
export function isNews(before: QoSReportStatus, after: QoSReportStatus): boolean {
	return (
		essence(before) !== essence(after) ||
		differs(before.current.measured, after.current.measured) ||
		differs(before.current.predicted?.value, after.current.predicted?.value) ||
		differs(before.recommended?.predicted?.value, after.recommended?.predicted?.value)
	);
}

/** All that is not a number. */
function essence({
	policy,
	objective,
	modelRef,
	current,
	recommended,
	decision,
	nodes,
	nodesTotal,
}: QoSReportStatus): string {
	return JSON.stringify([
		policy,
		objective,
		modelRef,
		[current.node, current.measuredUnknown, current.predicted === undefined],
		recommended?.node,
		[decision.action, decision.reason],
		nodesTotal,
		nodes.flatMap(({ name, feasible, reason }) => (feasible ? [] : `${name} ${reason}`)).sort(),
	]);
}

function differs(before: number | undefined, after: number | undefined): boolean {
	if (before === undefined || after === undefined) return before !== after;
	return Math.abs(after - before) > RELATIVE_CHANGE * Math.max(Math.abs(before), Math.abs(after));
}
