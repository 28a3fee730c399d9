import type { InferredOptionTypes, Options } from "yargs";

/** Families of models; `qos_training/families` has a file for each. */
export const FAMILIES = [
	"linear",
	"gradient-boosting",
	"random-forest",
	"ets",
	"lstm",
	"patch-mixer",
	"informer",
] as const;

export type Family = (typeof FAMILIES)[number];

/** Flags of `train`. */
export const TRAIN_OPTIONS = {
	family: {
		type: "string",
		array: true,
		choices: [...FAMILIES, "all"],
		demandOption: true,
		describe: "Kind of model; of several the best on the validation split is kept",
	},
	csv: {
		type: "string",
		describe:
			"File with a header and columns `timestamp`, `objective` and, where measured, `workload`, `node_cpu_utilization`, `fps`; may be gzipped",
	},
	column: {
		type: "string",
		array: true,
		default: [],
		describe: "ROLE=NAME of a column called otherwise; roles: time, workload, objective, utilization, rate",
	},
	prometheus: { type: "string", describe: "Address of a Prometheus server to take the history from" },
	query: {
		type: "string",
		array: true,
		default: [],
		describe: "ROLE=PROMQL for objective (default: as the controller asks for the metric), utilization, rate",
	},
	last: { type: "string", default: "24h", describe: "How much history of Prometheus, up to now or --until" },
	until: { type: "string", describe: "End of Prometheus' history, ISO 8601" },
	metric: { type: "string", default: "latency", describe: "The objective, by its name in the metric catalogue" },
	unit: { type: "string", describe: "Its unit; default: as in the catalogue that ships" },
	direction: { choices: ["Minimize", "Maximize"] as const, default: "Minimize" as const, describe: "What is better" },
	scale: { type: "number", default: 1, describe: "The measured objective is multiplied by this, 0.001 for ms" },
	clip: { type: "number", describe: "Larger values of the objective are taken as this: restarts last minutes" },
	"node-cores": { type: "number", describe: "The utilization is in cores of nodes of this size" },
	sort: { type: "boolean", default: false, describe: "Sort the CSV file's rows by time" },
	step: { type: "string", default: "30s", describe: "The controller's step" },
	horizon: { type: "string", default: "5m", describe: "The objective's horizon" },
	name: { type: "string", describe: "The model's name; default: --register, else metric and family" },
	seed: { type: "number", default: 0, describe: "Of everything that is left to chance" },
	quick: { type: "boolean", default: false, describe: "A tenth of the work, to try it out" },
	output: { type: "string", describe: "File to copy the model to" },
	runs: { type: "string", describe: "Folder where runs keep what is done; default: in the user's cache" },
	fresh: { type: "boolean", default: false, describe: "Begin anew instead of going on with an earlier run" },
	mlflow: {
		type: "string",
		describe: "Address of the MLflow server; default: MLFLOW_TRACKING_URI. Credentials are in MLFLOW_TRACKING_*",
	},
	register: { type: "string", describe: "Register the model in MLflow under this name" },
	alias: { type: "string", describe: "Give it this alias, such as Production, if it beats the model that has it" },
} as const satisfies Readonly<Record<string, Options>>;

export type TrainOptions = InferredOptionTypes<typeof TRAIN_OPTIONS>;
