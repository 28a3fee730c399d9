import { countFeasible } from "../candidates.ts";
import { type Assessment, unknown } from "../guard.ts";
import { type Decision, UNKNOWN_REASONS } from "../recommendation.ts";

/** No action on absent, stale or senseless data: of the current node, or of every feasible candidate. */
export function unknownDataGuard(assessment: Assessment): Decision | undefined {
	const { current, candidates, best, gain } = assessment;
	if (assessment.unknown) return unknown(UNKNOWN_REASONS[assessment.unknown.reason], assessment.unknown.message);
	if (!current.predicted) {
		return unknown("PredictionUnknown", `nothing can be predicted for ${current.node}, where it runs`);
	}
	const feasible = best ? 0 : countFeasible(candidates);
	if (feasible > 0) {
		return unknown("PredictionUnknown", `nothing can be predicted for any of ${feasible} feasible nodes`);
	}
	if (best && !gain) {
		return unknown("PredictionUnknown", "a gain over 0 is no share: set objective.target in the policy");
	}
	return undefined;
}
