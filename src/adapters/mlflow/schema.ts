import { z } from "zod";

/** Answers of `/api/2.0/mlflow/*`. What is empty is left out of them. */

/** MLflow stores an infinite metric as the largest double. */
const STORED_INFINITY = 1.797e308;

const metricValue = z
	.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number)])
	.transform((value) => {
		if (Math.abs(value) < STORED_INFINITY || Number.isNaN(value)) return value;
		return Math.sign(value) * Number.POSITIVE_INFINITY;
	});

const pairs = z
	.array(z.object({ key: z.string(), value: z.string().default("") }))
	.default([])
	.transform((list): ReadonlyMap<string, string> => new Map(list.map(({ key, value }) => [key, value])));

/** Milliseconds since the epoch; 64-bit numbers may be written as strings. */
const time = z.coerce.number();

const experiment = z
	.object({ experiment_id: z.string(), name: z.string(), lifecycle_stage: z.string().default("active") })
	.transform((answer) => ({
		id: answer.experiment_id,
		name: answer.name,
		deleted: answer.lifecycle_stage === "deleted",
	}));

const run = z
	.object({
		info: z.object({
			run_id: z.string(),
			experiment_id: z.string(),
			run_name: z.string().optional(),
			status: z.string(),
			start_time: time.optional(),
			end_time: time.optional(),
			artifact_uri: z.string().default(""),
		}),
		data: z
			.object({
				metrics: z
					.array(z.object({ key: z.string(), value: metricValue, timestamp: time, step: z.coerce.number().default(0) }))
					.default([]),
				params: pairs,
				tags: pairs,
			})
			.prefault({}),
	})
	.transform(({ info, data }) => ({
		id: info.run_id,
		experimentId: info.experiment_id,
		name: info.run_name,
		/** `RUNNING`, `SCHEDULED`, `FINISHED`, `FAILED` or `KILLED`. */
		status: info.status,
		startTime: info.start_time,
		endTime: info.end_time,
		artifactUri: info.artifact_uri,
		/** The newest value by metric; NaN and infinity as they are. */
		metrics: new Map(data.metrics.map(({ key, value }) => [key, value])) as ReadonlyMap<string, number>,
		params: data.params,
		tags: data.tags,
	}));

const modelVersion = z
	.object({
		name: z.string(),
		version: z.union([z.string(), z.number().transform(String)]),
		status: z.string().default("READY"),
		source: z.string().default(""),
		tags: pairs,
	})
	.transform(({ name, version, status, source, tags }) => ({ name, version, status, source, tags }));

export type Experiment = Readonly<z.output<typeof experiment>>;
export type Run = Readonly<z.output<typeof run>>;
export type ModelVersion = Readonly<z.output<typeof modelVersion>>;

export const experimentAnswer = z.object({ experiment });
export const createdExperimentAnswer = z.object({ experiment_id: z.string() });
export const runAnswer = z.object({ run });
export const runsAnswer = z.object({ runs: z.array(run).default([]), next_page_token: z.string().optional() });
export const modelVersionAnswer = z.object({ model_version: modelVersion });
export const downloadUriAnswer = z.object({ artifact_uri: z.string() });
export const artifactsAnswer = z
	.object({ files: z.array(z.object({ path: z.string() })).default([]) })
	.transform(({ files }) => ({ files: files.map(({ path }) => path.split("/").at(-1) ?? "") }));
/** Of calls that have nothing to tell. */
export const emptyAnswer = z.looseObject({});
