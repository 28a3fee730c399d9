import { AGGREGATE_PREFIXES } from "./layouts/proactive.ts";
import type { Question } from "./read.ts";
import type { RunRecord } from "./record.ts";
import type { Layout } from "./run.ts";
import { readListTags, TAG_PREFIX } from "./tags.ts";

/** A value by the name of the place that it is for. */
export interface Indexed {
	readonly name: string;
	readonly value: number;
	readonly lower?: number | undefined;
	readonly upper?: number | undefined;
}

interface LayoutReader {
	/** Why a finished run is not one of this layout, or not whole; `undefined` when it is. */
	objection(run: RunRecord): string | undefined;
	/** Its finite values, or what is wrong with all of them, going on from "run ID ". */
	values(run: RunRecord, question: Pick<Question, "objective" | "selector">): readonly Indexed[] | string;
}

const NOT_READY = "not ready";

const READERS: Readonly<Record<Layout, LayoutReader>> = {
	cloudedge: {
		objection: (run) => other(run, "cloudedge") ?? (run.metrics.has("max_qos") ? undefined : NOT_READY),
		values(run, { selector }) {
			const nodes = selector.nodes.length > 0 ? selector.nodes : readListTags("nodes", run.tags);
			if (!nodes) {
				return "names no nodes; list them in spec.model.predictions.nodes, in the order of qos_0, qos_1, ...";
			}
			return byIndex(run, "qos_", (index) => nodes[Number(index)]);
		},
	},
	reactive: {
		objection: (run) => other(run, "reactive") ?? (run.params.has("max_cluster") ? undefined : NOT_READY),
		values: (run) => withoutZeros(byIndex(run, "qos_", (index) => run.params.get(`cluster_${index}`))),
	},
	proactive: {
		objection: (run) =>
			other(run, "proactive") ?? (run.params.get("last_stage_completed") === "qos-upload" ? undefined : NOT_READY),
		values(run, { objective: { aggregate } }) {
			const prefix = `${AGGREGATE_PREFIXES[aggregate]}_qos_`;
			return withoutZeros(byIndex(run, prefix, (index) => run.params.get(`cluster_${index}`)));
		},
	},
	native: {
		objection: (run) => other(run, "native"),
		values: (run) =>
			finite(run, /^predicted\/(.+)$/).map(({ name, value }) => {
				return { name, value, lower: run.metrics.get(`lower/${name}`), upper: run.metrics.get(`upper/${name}`) };
			}),
	},
};

export function readLayout(layout: Layout): LayoutReader {
	return READERS[layout];
}

/** Objects to runs that can be told to be of another layout. */
function other(run: RunRecord, wanted: Layout): string | undefined {
	const layout = layoutOf(run);
	return layout === undefined || layout === wanted ? undefined : "of another layout";
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

function byIndex(run: RunRecord, prefix: string, nameOf: (index: string) => string | undefined): Indexed[] | string {
	const values = finite(run, new RegExp(`^${prefix}(\\d+)$`));
	if (values.length === 0) return `has no ${prefix}{i} that is a number`;
	const named = values.flatMap(({ name: index, value }) => {
		const name = nameOf(index);
		return name === undefined || name === "" ? [] : [{ name, value }];
	});
	return named.length > 0 ? named : `does not say of which nodes its ${prefix}{i} are`;
}

/** Metrics of that form by what its group matches. */
function finite({ metrics }: RunRecord, form: RegExp): Indexed[] {
	const found: Indexed[] = [];
	for (const [key, value] of metrics) {
		const name = form.exec(key)?.[1];
		if (name !== undefined && Number.isFinite(value)) found.push({ name, value });
	}
	return found;
}

/** No latency is 0: the original uploads that where it measured nothing. */
function withoutZeros(values: readonly Indexed[] | string): readonly Indexed[] | string {
	if (typeof values === "string") return values;
	const known = values.filter(({ value }) => value !== 0);
	return known.length > 0 ? known : "has latencies of 0 only, which stand for what was not measured";
}
