import type { TrackingLayout } from "../policy/policy.ts";
import { cloudedgeReader, cloudedgeRun } from "./layouts/cloudedge.ts";
import { nativeReader, nativeRun } from "./layouts/native.ts";
import { proactiveReader, proactiveRun } from "./layouts/proactive.ts";
import { reactiveReader, reactiveRun } from "./layouts/reactive.ts";
import type { LayoutReader } from "./layouts/reading.ts";
import type { NodeOrder } from "./node-order.ts";
import type { Tracked, TrackedRun } from "./run.ts";
import { valuesOf } from "./values.ts";

/** One workload's predictions as a run. `team` names the runs of `reactive` and `proactive`. */
export function runOf(
	tracked: Tracked,
	layout: TrackingLayout,
	{ order, team }: { readonly order: NodeOrder; readonly team: string },
): TrackedRun {
	const values = valuesOf(tracked, order);
	switch (layout) {
		case "cloudedge":
			return cloudedgeRun(tracked, values);
		case "reactive":
			return reactiveRun(tracked, values, team);
		case "proactive":
			return proactiveRun(tracked, values, team);
		case "native":
			return nativeRun(tracked, values);
	}
}

const READERS: Readonly<Record<TrackingLayout, LayoutReader>> = {
	cloudedge: cloudedgeReader,
	reactive: reactiveReader,
	proactive: proactiveReader,
	native: nativeReader,
};

/** What runs of a layout say. */
export function readerOf(layout: TrackingLayout): LayoutReader {
	return READERS[layout];
}
