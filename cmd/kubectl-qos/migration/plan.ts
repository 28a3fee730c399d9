import { formatDuration } from "../../../src/api/v1alpha1/duration.ts";
import type { QoSReportStatus } from "../../../src/api/v1alpha1/report.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { formatInterval, formatShare, formatValue, UNKNOWN } from "../output/number.ts";
import type { Destination } from "./destination.ts";

/** What is shown before anybody is asked. */
export interface Plan {
	readonly namespace: string;
	readonly name: string;
	readonly destination: Destination;
	readonly policy: Policy;
	/** A fresh report; absent: none, or stale. */
	readonly report: QoSReportStatus | undefined;
	readonly force: boolean;
}

/** What would happen, line by line. */
export function describePlan(plan: Plan): readonly string[] {
	const { namespace, name, destination, policy, report } = plan;
	const to = destination.to ?? "the best place at that time";
	return [
		`deployment.apps/${name} in namespace ${namespace}: ${destination.from ?? UNKNOWN} -> ${to}`,
		...(report ? [`  ${expectation(report, destination)}`] : []),
		`  its pod template is changed (${policy.placement.topologyKey}), so its pods are replaced by a rollout`,
		...(destination.warning === undefined ? [] : [`  warning: ${destination.warning}`]),
		...checks(plan).map((line) => `  ${line}`),
	];
}

function expectation({ objective, current }: QoSReportStatus, { predicted, gain }: Destination): string {
	const { metric, unit } = objective;
	const there = predicted ? `${formatValue(predicted.value, unit)} (${formatInterval(predicted, unit)})` : UNKNOWN;
	const share = gain === undefined ? "" : `, gain ${formatShare(gain)}`;
	return `${metric}: measured ${formatValue(current.measured, unit)}, predicted there ${there}${share}`;
}

function checks({ policy, report, force }: Plan): readonly string[] {
	const { cooldownSeconds, minGain, confidence } = policy.rebalance;
	const details = [
		`Cooldown (${formatDuration(cooldownSeconds)})`,
		`MinGain (${formatShare(minGain)})`,
		`Confidence (${formatShare(confidence)})`,
		"Disruption (PodDisruptionBudgets)",
	].join(", ");
	if (force) return [`--force sets aside: ${details}; never whether the place is feasible`];
	const refusal =
		report && report.decision.action !== "Move"
			? [`the controller would not move it now: ${report.decision.reason}: ${report.decision.message}`]
			: [];
	return [`it is rejected unless these hold: ${details}; --force sets them aside`, ...refusal];
}
