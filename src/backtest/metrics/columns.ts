import type { MetricDefinition } from "../../core/metrics/metric.ts";
import type { Layout } from "../trace/layout.ts";
import { TraceError } from "../trace/lines.ts";

/** Allocatable CPU cores of the row's node, where a trace tells them. */
export const CORES_COLUMN = "node_cpu_cores";
/** Relative speed of the row's node, 1 being the reference, where a trace tells it. */
const SPEED_COLUMN = "node_speed";

/** What the columns of a metrics trace mean; the numbers are positions in a tick's columns. */
export interface MetricColumns {
	readonly metrics: readonly { readonly definition: MetricDefinition; readonly column: number }[];
	/** Of the objective's metric: what is measured where the workload is, and would be on the other nodes. */
	readonly objective: number;
	/** -1: absent. */
	readonly cores: number;
	readonly speed: number;
}

/**
 * Columns by their names in the metric catalogue. A name that is not in it is a metric of the node when
 * it begins with `node_`, else of the workload, in a unit of its own. @throws TraceError
 */
export function metricColumns(
	{ values }: Layout,
	{ objective, catalogue }: { readonly objective: string; readonly catalogue: readonly MetricDefinition[] },
): MetricColumns {
	if (!values.includes(objective)) {
		const message = `there is no column ${objective}, the objective's metric; add it, or name another metric with --policy`;
		throw new TraceError(message, 1);
	}
	const metrics = values.flatMap((name, column) => {
		if (name === CORES_COLUMN || name === SPEED_COLUMN) return [];
		return [{ column, definition: catalogue.find((known) => known.name === name) ?? unlisted(name) }];
	});
	return {
		metrics,
		objective: values.indexOf(objective),
		cores: values.indexOf(CORES_COLUMN),
		speed: values.indexOf(SPEED_COLUMN),
	};
}

function unlisted(name: string): MetricDefinition {
	const scope = name.startsWith("node_") ? "Node" : "Workload";
	return { name, scope, unit: "", min: -1e15, max: 1e15 };
}
