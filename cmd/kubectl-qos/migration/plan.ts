import { formatDuration } from "../../../src/api/v1alpha1/duration.ts";
import type { QoSReportStatus } from "../../../src/api/v1alpha1/report.ts";
import { OVERRIDES, type Override } from "../../../src/core/migration/migration.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { formatInterval, formatShare, formatValue, UNKNOWN } from "../output/number.ts";
import { printable } from "../output/printable.ts";
import type { Destination } from "./destination.ts";

/** What is shown before anybody is asked. */
export interface Plan {
	readonly namespace: string;
	readonly name: string;
	readonly destination: Destination;
	readonly policy: Policy;
	/** A fresh report; absent: none, or stale. */
	readonly report: QoSReportStatus | undefined;
	/** Checks that are set aside. */
	readonly override: readonly Override[];
	/** Of the objective; empty: unknown. */
	readonly unit: string;
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
	].map(printable);
}

function expectation({ objective, current }: QoSReportStatus, { predicted, gain }: Destination): string {
	const { metric, unit } = objective;
	const there = predicted ? `${formatValue(predicted.value, unit)} (${formatInterval(predicted, unit)})` : UNKNOWN;
	const share = gain === undefined ? "" : `, gain ${formatShare(gain)}`;
	return `${metric}: measured ${formatValue(current.measured, unit)}, predicted there ${there}${share}`;
}

function checks({ policy, report, override }: Plan): readonly string[] {
	const { cooldownSeconds, minGain, confidence } = policy.rebalance;
	const details: Readonly<Record<Override, string>> = {
		Cooldown: `Cooldown (${formatDuration(cooldownSeconds)})`,
		MinGain: `MinGain (${formatShare(minGain)})`,
		Confidence: `Confidence (${formatShare(confidence)})`,
		Disruption: "Disruption (PodDisruptionBudgets)",
	};
	const listed = (names: readonly Override[]) => names.map((name) => details[name]).join(", ");
	const kept = OVERRIDES.filter((name) => !override.includes(name));
	const refusal =
		report && report.decision.action !== "Move"
			? [`the controller would not move it now: ${report.decision.reason}: ${report.decision.message}`]
			: [];
	return [
		...(override.length > 0
			? [`${kept.length > 0 ? "it" : "--force"} sets aside: ${listed(override)}; never whether the place is feasible`]
			: []),
		...(kept.length > 0 ? [`it is rejected unless these hold: ${listed(kept)}; --force sets them aside`] : []),
		...(override.length > 0 ? [] : refusal),
	];
}
