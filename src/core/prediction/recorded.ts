import type { RecordedAnswer, RecordedPredictions, RecordedValue } from "../model/model.ts";
import { calibrated } from "./calibrated.ts";
import { basisOf } from "./calibration.ts";
import type { Prediction, PredictionTable } from "./prediction.ts";
import type { Preparation } from "./preparation.ts";
import type { PredictionRequest, PredictionResult } from "./request.ts";

/** Half an interval of a value that comes without one, as a share of it, until errors have shown how wide it must be. */
const FIRST_HALF_WIDTH = 0.1;

/**
 * Windows (horizons that do not overlap) that must have been followed up: of fewer than nine errors none bounds 90 % of
 * them (split conformal: ceil(0.9 (n + 1)) <= n).
 */
const LEAST_WINDOWS = 9;

const NAMED = 3;

/** Predictions that something else made, as a model's are: in a table by node, calibrated. */
export function recordedResult(
	request: PredictionRequest,
	recorded: RecordedPredictions,
	{ inputs }: Preparation,
): PredictionResult {
	const answer = recorded.latest(request.workload, inputs.now);
	if (!answer.known) return { known: false, reason: "NotRecorded", message: answer.message };
	const { metric } = request.policy.objective;
	const values = request.nodes.map((node) => valueFor(node, answer, request, inputs));
	if (request.nodes.length > 0 && values.every((value) => value === undefined)) {
		const named = [...answer.values.keys()];
		const names = named.slice(0, NAMED).join(", ") + (named.length > NAMED ? ", ..." : "");
		const message = `run ${answer.run} speaks of none of ${request.nodes.length} candidate nodes but of ${names}; make its names those of nodes, or of values of placement.topologyKey`;
		return { known: false, reason: "NotRecorded", message };
	}
	const table = tableOf(request.nodes, values);
	const least = inputs.metrics.definition(metric)?.min ?? Number.NEGATIVE_INFINITY;
	return {
		known: true,
		table,
		here: calibrated(table, request, { calibrator: inputs.calibrator, least }),
		dataAgeSeconds: Math.max(0, (inputs.now - answer.madeAt) / 1000),
		madeAt: answer.madeAt,
		untrusted: values.some((value) => value && value.lower === undefined) ? untrusted(request, inputs) : undefined,
		spent: answer.isActedUpon ? `run ${answer.run} was acted on already (analysed = True)` : undefined,
	};
}

function valueFor(
	node: string,
	{ values }: Extract<RecordedAnswer, { known: true }>,
	{ policy: { placement } }: PredictionRequest,
	{ cluster }: Preparation["inputs"],
): RecordedValue | undefined {
	const domain = placement && cluster.nodes.get(node)?.labels[placement.topologyKey];
	return values.get(node) ?? (domain === undefined ? undefined : values.get(domain));
}

function tableOf(nodes: readonly string[], values: readonly (RecordedValue | undefined)[]): PredictionTable {
	const column = (end: keyof Prediction) =>
		Float32Array.from(values, (one) => (one ? (one[end] ?? firstEnd(one.value, end)) : Number.NaN));
	return {
		nodes,
		value: column("value"),
		lower: column("lower"),
		upper: column("upper"),
		extrapolated: new Uint8Array(nodes.length),
	};
}

function firstEnd(value: number, end: keyof Prediction): number {
	const half = FIRST_HALF_WIDTH * Math.abs(value);
	return end === "lower" ? value - half : value + half;
}

/** Why nobody may be placed by these values yet; `undefined` when enough is known of their errors. */
function untrusted(
	{ workload, model, policy }: PredictionRequest,
	{ calibrator }: Preparation["inputs"],
): string | undefined {
	const windows = calibrator?.windows(workload, basisOf(model.reference, policy.objective)) ?? 0;
	if (windows >= LEAST_WINDOWS) return undefined;
	const { name, version } = model.reference;
	return `${name} ${version} have no interval yet: ${Math.floor(windows)} of ${LEAST_WINDOWS} horizons were followed up`;
}
