import { parseArgs } from "node:util";
import { FileModelRegistry } from "../../src/adapters/onnx/registry.ts";
import type { Aggregate } from "../../src/core/policy/policy.ts";
import { type Goal, reached } from "./goals.ts";
import { type Recording, recordings } from "./real-data/recording.ts";
import { emptyStore, live, objective, type Scored } from "./real-data/stream.ts";

/** Shares of each recording, by time: training, validation, test. */
const SPLIT = { validation: 0.7, test: 0.85 };
/** A window may start at any of the six rows of a step. */
const PHASES = 6;
const AGGREGATES = ["Mean", "Max"] as const;
const MOST_ERROR: Partial<Record<Aggregate, number>> = { Mean: 4.8, Max: 18 };
const COVERAGE = { least: 0.88, most: 0.92 };
const MOST_WIDTH = 33;

/** Means over scored predictions; times in ms. */
interface Figures {
	readonly count: number;
	readonly error: number;
	readonly rawError: number;
	readonly persistence: number;
	readonly coverage: number;
	readonly rawCoverage: number;
	readonly width: number;
}

/**
 * The shipped `forecast` over the test split of the recorded pipelines, through our features, onnxruntime and
 * calibration, online: what is learned comes from predictions whose horizon has passed. It starts at the test
 * split, or with `--warm` at the validation split.
 */
export async function run(args: readonly string[]): Promise<readonly Goal[]> {
	const options = {
		model: { type: "string", default: "forecast" },
		warm: { type: "boolean", default: false },
	} as const;
	const { values } = parseArgs({ args: [...args], options, strict: false });
	const registry = await FileModelRegistry.open({ catalogue: emptyStore() });
	const name = String(values.model);
	console.log(
		`Real data: ${name} on the test split, calibrated online from the ${values.warm ? "validation" : "test"} split on`,
	);
	const goals: Goal[] = [];
	for (const aggregate of AGGREGATES) {
		const resolution = registry.resolve({ kind: "Builtin", name }, objective(aggregate));
		if (resolution.refused) throw new Error(resolution.message);
		const byCluster = new Map<string, readonly Scored[]>();
		for (const recording of await recordings()) {
			const scored = await scoresOf(recording, { model: resolution.model, aggregate }, values.warm === true);
			byCluster.set(recording.cluster, scored);
		}
		goals.push(...report(aggregate, byCluster));
	}
	await registry.close();
	return goals;
}

/** All starts within a step, one life each. */
async function scoresOf(
	recording: Recording,
	question: Parameters<typeof live>[1],
	isWarm: boolean,
): Promise<readonly Scored[]> {
	const row = (share: number) => Math.ceil(share * recording.rows.length);
	const from = row(isWarm ? SPLIT.validation : SPLIT.test);
	const scored: Scored[] = [];
	for (let phase = 0; phase < PHASES; phase += 1) {
		const part = { phase, from, scored: row(SPLIT.test) };
		for await (const one of live(recording, question, part)) scored.push(one);
	}
	return scored;
}

function report(aggregate: Aggregate, byCluster: ReadonlyMap<string, readonly Scored[]>): readonly Goal[] {
	const pooled = figuresOf([...byCluster.values()].flat());
	print(`${aggregate}, both`, pooled);
	const goals = [reached(`${aggregate} of the next 10: MAE, ms`, pooled.error, "<=", MOST_ERROR[aggregate] ?? 0)];
	if (aggregate === "Mean") goals.push(reached("Mean: width of the 90 % interval, ms", pooled.width, "<=", MOST_WIDTH));
	for (const [cluster, scored] of byCluster) {
		const figures = figuresOf(scored);
		print(`${aggregate}, ${cluster}`, figures);
		goals.push(
			reached(`${aggregate}, ${cluster}: coverage, at least`, figures.coverage, ">=", COVERAGE.least),
			reached(`${aggregate}, ${cluster}: coverage, at most`, figures.coverage, "<=", COVERAGE.most),
		);
	}
	return goals;
}

function figuresOf(scored: readonly Scored[]): Figures {
	const mean = (of: (one: Scored) => number) => scored.reduce((sum, one) => sum + of(one), 0) / scored.length;
	const holds = ({ lower, upper }: Scored["raw"], actual: number) => Number(actual >= lower && actual <= upper);
	return {
		count: scored.length,
		error: 1000 * mean(({ issued, actual }) => Math.abs(issued.value - actual)),
		rawError: 1000 * mean(({ raw, actual }) => Math.abs(raw.value - actual)),
		persistence: 1000 * mean(({ persistence, actual }) => Math.abs(persistence - actual)),
		coverage: mean(({ issued, actual }) => holds(issued, actual)),
		rawCoverage: mean(({ raw, actual }) => holds(raw, actual)),
		width: 1000 * mean(({ issued }) => issued.upper - issued.lower),
	};
}

function print(what: string, figures: Figures): void {
	const { count, error, rawError, persistence, coverage, rawCoverage, width } = figures;
	console.log(
		[
			`  ${what.padEnd(12)} MAE ${error.toFixed(2)} ms (model alone ${rawError.toFixed(2)}, persistence ${persistence.toFixed(2)},`,
			`skill ${(1 - error / persistence).toFixed(2)}); 90 % interval covers ${coverage.toFixed(3)}`,
			`(model alone ${rawCoverage.toFixed(3)}), ${width.toFixed(1)} ms wide; ${count} predictions`,
		].join(" "),
	);
}
