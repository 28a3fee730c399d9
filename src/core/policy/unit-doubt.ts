import type { WorkloadKey } from "../cluster/workload.ts";
import type { MetricReader } from "../metrics/metric.ts";
import { amount } from "../recommendation/format.ts";
import type { Policy } from "./policy.ts";

/** What is so many times the target, or so many times less, is about a thousand times it: milliseconds for seconds. */
const FROM = 300;
const TO = 3000;

/**
 * Why measurement and target may be in different units, in one sentence: all that is measured is about a thousand times
 * the target, or a thousandth of it. A doubt only: an app may be that slow, or its target that wide.
 */
export function unitDoubt(
	{ objective: { metric, target } }: Policy,
	workloads: readonly WorkloadKey[],
	{ metrics, now }: { readonly metrics: Pick<MetricReader, "definition" | "latest">; readonly now: number },
): string | undefined {
	if (target === undefined) return undefined;
	const values = workloads.flatMap((workload) => {
		const latest = metrics.latest(metric, workload, now);
		return latest.known ? [latest.value] : [];
	});
	if (values.length === 0) return undefined;
	const isMore = values.every((value) => isThousandfold(value, target));
	if (!isMore && !values.every((value) => isThousandfold(target, value))) return undefined;
	const unit = metrics.definition(metric)?.unit ?? "the metric's unit";
	// No measured number: the words must not change with every look.
	return `${metric} as it is measured is about a ${isMore ? "thousand times" : "thousandth of"} the target ${amount(target)}; both must be in ${unit}: check objective.target and the metric's query`;
}

function isThousandfold(larger: number, smaller: number): boolean {
	return larger >= FROM * smaller && larger <= TO * smaller;
}
