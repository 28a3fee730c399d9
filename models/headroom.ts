import { METADATA_KEY } from "../src/adapters/onnx/metadata.ts";
import type { ModelMetadata } from "../src/core/model/model.ts";
import { LARGEST_NEED, SATURATED_SLOPE, SATURATION } from "../src/core/model/response.ts";
import type { Direction } from "../src/core/policy/policy.ts";
import { GraphBuilder, type TensorName } from "./onnx.ts";

const WINDOW = 10;
/** Standard normal quantile at 0.95. */
const Z_95 = 1.6448536269514722;
/** Expected range of ten normal values in standard deviations: the d2 of control charts (Shewhart, 1931). */
const RANGE_PER_SIGMA = 3.078;

const AGGREGATES = ["Mean", "Max", "Min"] as const;
const QUANTILES = [0.05, 0.5, 0.95];

/** Infinite bounds are null on the wire: JSON has no infinity. */
type WireMetadata = Omit<ModelMetadata, "features" | "stepSeconds" | "horizonSeconds"> & {
	readonly features: readonly (Omit<ModelMetadata["features"][number], "max"> & { readonly max: number | null })[];
};

/** One of the two models behind the name `headroom`. */
interface Variant {
	readonly description: string;
	readonly features: WireMetadata["features"];
	/** Response to the load, `[window, batch]`, and what an idle node gives, `[1, batch]`: value = response x idle. */
	readonly respond: (
		graph: GraphBuilder,
		names: Inputs,
	) => { readonly response: TensorName; readonly idle: TensorName };
}

/** The features as tensors: the utilization `[window, batch]`, the others `[1, batch]`. */
interface Inputs {
	readonly utilization: TensorName;
	readonly spread: TensorName;
	readonly level: TensorName;
	readonly speed: TensorName;
	readonly need: TensorName;
}

/** Features in the order of the input's last dimension: the names of Inputs. */
function features(level: string): WireMetadata["features"] {
	return [
		{
			name: "node_cpu_utilization_after_move",
			unit: "ratio",
			scope: "Pair",
			min: 0,
			max: SATURATION,
			history: "SinceChange",
		},
		{ name: `${level}_spread`, unit: "ratio", scope: "Workload", min: 0, max: 1.5 },
		{ name: level, unit: "*", scope: "Workload", min: 0, max: null },
		{ name: "node_relative_speed", unit: "ratio", scope: "Node", min: 0.05, max: 20 },
	];
}

const VARIANTS: Readonly<Record<Direction, Variant>> = {
	Minimize: {
		description: "Service time of the app over the node's speed, times the slowdown by the node's load.",
		features: features("workload_service_time"),
		respond: (graph, { utilization, level, speed }) => ({
			response: slowdown(graph, utilization),
			idle: graph.operation("idle", "Div", [level, speed]),
		}),
	},
	Maximize: {
		description: "Undisturbed rate of the app, times the share that the node's headroom lets it deliver.",
		features: [
			...features("workload_nominal_rate"),
			{ name: "workload_headroom_need", unit: "ratio", scope: "Workload", min: 0, max: 10 },
		],
		respond: (graph, { utilization, level, speed, need }) => {
			const needOnNode = graph.operation("needOnNode", "Div", [need, speed]);
			const needed = graph.operation("needed", "Mul", [slowdown(graph, utilization), needOnNode]);
			return { response: deliveredShare(graph, needed), idle: level };
		},
	},
};

/** The bytes of the `headroom` model for objectives of a direction; the same bytes every time. */
export function headroom(direction: Direction): Uint8Array {
	const { description, features, respond } = VARIANTS[direction];
	const graph = new GraphBuilder();
	const [utilization = "", spread = "", level = "", speed = "", need = ""] = inputRows(graph, features.length);
	const { response, idle } = respond(graph, { utilization, spread, level, speed, need });
	const mean = graph.operation("mean", "ReduceMean", [response], { axes: [0] });
	const max = graph.operation("max", "ReduceMax", [response], { axes: [0] });
	const min = graph.operation("min", "ReduceMin", [response], { axes: [0] });
	const responses = graph.operation("responses", "Concat", [mean, max, min], { axis: 0 });
	const middle = graph.operation("middle", "Mul", [responses, idle]);
	const factor = intervalFactor(graph, { spread, mean, max, min });
	const lower = graph.operation("lower", "Div", [middle, factor]);
	const upper = graph.operation("upper", "Mul", [middle, factor]);
	outputRows(graph, [lower, middle, upper]);
	const metadata: WireMetadata = {
		schema: "kubectl-qos.dev/model/v1",
		name: "headroom",
		version: "1",
		window: WINDOW,
		features,
		outputs: QUANTILES.flatMap((quantile) => AGGREGATES.map((aggregate) => ({ aggregate, quantile }))),
		target: { metric: "*", unit: "*", direction },
	};
	return graph.encode({
		name: "headroom",
		description,
		input: { name: "input", shape: ["batch", WINDOW, features.length] },
		output: { name: "output", shape: ["batch", QUANTILES.length * AGGREGATES.length] },
		metadata: { [METADATA_KEY]: JSON.stringify(metadata) },
	});
}

/**
 * Turns `[batch, window, features]` into one `[rows, batch]` tensor per feature: all steps of the first
 * feature, the newest step of the others. A product with a 0/1 matrix does it, since onnxruntime moves
 * Transpose operators about until everything works on columns of width one, at a third of the speed.
 */
function inputRows(graph: GraphBuilder, features: number): readonly TensorName[] {
	const rows = WINDOW + features - 1;
	const selection = Array.from({ length: WINDOW * features * rows }, () => 0);
	for (let step = 0; step < WINDOW; step += 1) selection[step * features * rows + step] = 1;
	for (let feature = 1; feature < features; feature += 1) {
		selection[((WINDOW - 1) * features + feature) * rows + WINDOW + feature - 1] = 1;
	}
	const flat = graph.operation("flat", "Reshape", ["input", graph.indices("flatShape", [-1, WINDOW * features])]);
	const matrix = graph.constant("selection", selection, [WINDOW * features, rows]);
	const selected = graph.operation("selected", "Gemm", [matrix, flat], { transA: 1, transB: 1 });
	const sizes = graph.indices("sizes", [WINDOW, ...Array.from({ length: features - 1 }, () => 1)]);
	const names = Array.from({ length: features }, (_, feature) => `feature${feature}`);
	return graph.operationWithOutputs(names, "Split", [selected, sizes], { axis: 0 });
}

/** Stacks `[3, batch]` tensors and turns them into the `[batch, outputs]` of the contract. */
function outputRows(graph: GraphBuilder, quantiles: readonly TensorName[]): void {
	const count = quantiles.length * AGGREGATES.length;
	const identity = Array.from({ length: count * count }, (_, index) => (index % (count + 1) === 0 ? 1 : 0));
	const stacked = graph.operation("stacked", "Concat", quantiles, { axis: 0 });
	graph.operation("output", "Gemm", [stacked, graph.constant("identity", identity, [count, count])], { transA: 1 });
}

/** `slowdown` of src/core/model/response.ts. */
function slowdown(graph: GraphBuilder, utilization: TensorName): TensorName {
	const served = graph.operation("served", "Min", [utilization, graph.constant("saturation", [SATURATION])]);
	const left = graph.operation("left", "Sub", [graph.constant("one", [1]), served]);
	const queueing = graph.operation("queueing", "Reciprocal", [left]);
	const unserved = graph.operation("unserved", "Sub", [utilization, served]);
	const overload = graph.operation("overload", "Mul", [unserved, graph.constant("slope", [SATURATED_SLOPE])]);
	return graph.operation("slowdown", "Add", [queueing, overload]);
}

/** `deliveredShare` of src/core/model/response.ts: powers of two need no Pow, which is slow. */
function deliveredShare(graph: GraphBuilder, needed: TensorName): TensorName {
	let power = graph.operation("need1", "Min", [needed, graph.constant("largestNeed", [LARGEST_NEED])]);
	for (const name of ["need2", "need4", "need8"]) power = graph.operation(name, "Mul", [power, power]);
	let root = graph.operation("sum", "Add", [power, "one"]);
	for (const name of ["root2", "root4", "root8"]) root = graph.operation(name, "Sqrt", [root]);
	return graph.operation("delivered", "Reciprocal", [root]);
}

/**
 * Upper bound over middle of the 90 % interval: log-normal, its variance being that of the workload's
 * estimate and that of the response over the window, the latter from its range.
 */
function intervalFactor(graph: GraphBuilder, names: Record<"spread" | "mean" | "max" | "min", TensorName>): TensorName {
	const range = graph.operation("range", "Sub", [names.max, names.min]);
	const relative = graph.operation("relativeRange", "Div", [range, names.mean]);
	const scale = graph.constant("zPerRange", [Z_95 / RANGE_PER_SIGMA]);
	const ofWindow = graph.operation("ofWindow", "Mul", [relative, scale]);
	const ofEstimate = graph.operation("ofEstimate", "Mul", [names.spread, graph.constant("z", [Z_95])]);
	const squared = graph.operation("windowSquared", "Mul", [ofWindow, ofWindow]);
	const other = graph.operation("estimateSquared", "Mul", [ofEstimate, ofEstimate]);
	const deviation = graph.operation("deviation", "Sqrt", [graph.operation("variance", "Add", [squared, other])]);
	return graph.operation("factor", "Exp", [deviation]);
}
