import type { WorkloadKey } from "../cluster/workload.ts";
import type { MetricDefinition, MetricReader } from "../metrics/metric.ts";
import { INTERVAL_QUANTILES } from "../model/fits.ts";
import type { Model, ModelMetadata, ModelResolution, RecordedAnswer } from "../model/model.ts";
import type { Objective, PredictionsSelector } from "../policy/policy.ts";
import { experimentOf, latestPredictions } from "./read.ts";
import type { RunSource } from "./record.ts";

export interface RecordedModelsOptions {
	/** Absent: there is no tracker. */
	readonly source: RunSource | undefined;
	readonly catalogue: Pick<MetricReader, "definition">;
}

/** What something else predicts and saves: to policies it is one more model. */
export class RecordedModels {
	private readonly options: RecordedModelsOptions;
	/** A ranking holds as long as its model is the same object. */
	private readonly known = new Map<string, Model>();

	constructor(options: RecordedModelsOptions) {
		this.options = options;
	}

	resolve(selector: PredictionsSelector, objective: Objective): ModelResolution {
		const { source, catalogue } = this.options;
		if (!source) {
			const message = "predictions are to be read from MLflow, which is not configured; set mlflow.trackingUri";
			return { refused: true, reason: "Unreachable", message };
		}
		const definition = catalogue.definition(objective.metric);
		if (!definition) {
			const message = `the objective ${objective.metric} is not in the metric catalogue; add it to \`metrics\` in the configuration`;
			return { refused: true, reason: "SchemaMismatch", message };
		}
		if (selector.layout === "proactive" && objective.aggregate === "Min") {
			const message = "layout proactive has no least value over the horizon; set objective.aggregate to Mean or Max";
			return { refused: true, reason: "SchemaMismatch", message };
		}
		const key = JSON.stringify([selector, objective, definition]);
		const model = this.known.get(key) ?? recordedModel({ selector, objective, definition, source });
		this.known.set(key, model);
		return { refused: false, model };
	}
}

interface Recorded {
	readonly selector: PredictionsSelector;
	readonly objective: Objective;
	readonly definition: MetricDefinition;
	readonly source: RunSource;
}

function recordedModel(recorded: Recorded): Model {
	const { selector, objective } = recorded;
	const { layout, experiment } = selector;
	const latest = (workload: WorkloadKey, now: number) => answerOf(recorded, workload, now);
	return {
		reference: {
			name: "predictions",
			version: experiment === undefined ? layout : `${layout}/${experiment}`,
			sha256: "",
		},
		metadata: metadataOf(objective, recorded.definition),
		predict: () => Promise.reject(new Error("its predictions are read, not made")),
		recorded: {
			latest,
			actedUpon(workload, now) {
				const answer = latest(workload, now);
				if (answer.known) recorded.source.analysed(answer.run);
			},
		},
	};
}

function answerOf(
	{ selector, objective, definition, source }: Recorded,
	workload: WorkloadKey,
	now: number,
): RecordedAnswer {
	const runs = source.newest(experimentOf(selector, workload), selector.windowSeconds);
	const { unit, min, max } = definition;
	return latestPredictions(runs, { selector, workload, objective, unit, range: { min, max }, now });
}

/** Nothing is asked for, so it fits whatever is measured. */
function metadataOf({ metric, direction, aggregate }: Objective, { unit }: MetricDefinition): ModelMetadata {
	return {
		schema: "kubectl-qos.dev/model/v1",
		name: "predictions",
		version: "1",
		window: 0,
		stepSeconds: undefined,
		horizonSeconds: undefined,
		features: [],
		outputs: INTERVAL_QUANTILES.map((quantile) => ({ aggregate, quantile })),
		target: { metric, unit, direction },
	};
}
