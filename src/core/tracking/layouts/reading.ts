import type { TrackingLayout } from "../../policy/policy.ts";
import type { Question } from "../read.ts";
import type { RunRecord } from "../record.ts";
import { TAG_PREFIX } from "../tags.ts";

/** A value by the name of the place that it is for. */
export interface Indexed {
	readonly name: string;
	readonly value: number;
	readonly lower?: number | undefined;
	readonly upper?: number | undefined;
}

/** The way back from a run to values. */
export interface LayoutReader {
	/** Why a finished run is not one of this layout, or not whole; `undefined` when it is. */
	objection(run: RunRecord): string | undefined;
	/** Its finite values, or what is wrong with all of them, going on from "run ID ". */
	values(run: RunRecord, question: Pick<Question, "objective" | "selector">): readonly Indexed[] | string;
}

/** Objects to runs of another layout, and to those that are not whole yet. */
export function objectionTo(run: RunRecord, wanted: TrackingLayout, isReady: boolean): string | undefined {
	const layout = layoutOf(run);
	if (layout !== undefined && layout !== wanted) return "of another layout";
	return isReady ? undefined : "not ready";
}

/** `undefined` when nothing tells: a run without values is of any layout, and not ready. */
function layoutOf({ metrics, params, tags }: RunRecord): string | undefined {
	const tagged = tags.get(`${TAG_PREFIX}layout`);
	if (tagged !== undefined) return tagged;
	if (params.has("max_qos_index")) return "cloudedge";
	for (const key of metrics.keys()) {
		if (key.startsWith("predicted/")) return "native";
		if (/^(avg|max|min)_qos_\d+$/.test(key)) return "proactive";
		if (/^qos_\d+$/.test(key)) return "reactive";
	}
	return undefined;
}

/** Values of the metrics `prefix{i}`, or what is wrong with all of them. */
export function byIndex(
	run: RunRecord,
	prefix: string,
	nameOf: (index: string) => string | undefined,
): Indexed[] | string {
	const values = finiteOf(run, new RegExp(`^${prefix}(\\d+)$`));
	if (values.length === 0) return `has no ${prefix}{i} that is a number`;
	const named = values.flatMap(({ name: index, value }) => {
		const name = nameOf(index);
		return name === undefined || name === "" ? [] : [{ name, value }];
	});
	return named.length > 0 ? named : `does not say of which nodes its ${prefix}{i} are`;
}

/** Metrics of that form by what its group matches. */
export function finiteOf({ metrics }: RunRecord, form: RegExp): Indexed[] {
	const found: Indexed[] = [];
	for (const [key, value] of metrics) {
		const name = form.exec(key)?.[1];
		if (name !== undefined && Number.isFinite(value)) found.push({ name, value });
	}
	return found;
}

/** No latency is 0: the original uploads that where it measured nothing. */
export function withoutZeros(values: readonly Indexed[] | string): readonly Indexed[] | string {
	if (typeof values === "string") return values;
	const known = values.filter(({ value }) => value !== 0);
	return known.length > 0 ? known : "has latencies of 0 only, which stand for what was not measured";
}
