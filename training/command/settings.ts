import { join, resolve } from "node:path";
import { z } from "zod";
import { parseDuration } from "../../src/api/v1alpha1/duration.ts";
import { DEFAULT_CATALOGUE } from "../../src/config/default-catalogue.ts";
import { mlflowEnvironment } from "../../src/config/environment.ts";
import { mlflow } from "../../src/config/mlflow.ts";
import { type MlflowSettings, mlflowSettings } from "../../src/config/mlflow-settings.ts";
import type { Direction } from "../../src/core/policy/policy.ts";
import { cacheFolder } from "../../test/cluster/programs/programs.ts";
import { FAMILIES, type Family, type TrainOptions } from "./options.ts";

/** What is to be predicted. */
export interface Target {
	readonly metric: string;
	readonly unit: string;
	readonly direction: Direction;
}

export type HistorySource =
	| { readonly kind: "Csv"; readonly file: string }
	| {
			readonly kind: "Prometheus";
			readonly url: string;
			/** PromQL by role. */
			readonly queries: Readonly<Record<string, string>>;
			readonly lastSeconds: number;
			/** ms since the epoch; `undefined`: now. */
			readonly until: number | undefined;
	  };

/** How a measured history becomes windows; Python reads these fields. */
export interface Preparation {
	readonly columns: Readonly<Record<string, string>>;
	readonly nodeCores: number | null;
	readonly clip: number | null;
	readonly scale: number;
	/** Beyond it the objective cannot be in the target's unit. */
	readonly largest: number | null;
	readonly sort: boolean;
	readonly stepSeconds: number;
	readonly horizonSteps: number;
}

export interface Registration {
	readonly mlflow: MlflowSettings;
	readonly name: string;
	readonly alias: string | undefined;
}

/** The command line, checked. */
export interface TrainSettings {
	readonly families: readonly Family[];
	readonly source: HistorySource;
	readonly preparation: Preparation;
	readonly target: Target;
	readonly name: string | undefined;
	readonly seed: number;
	readonly quick: boolean;
	readonly output: string | undefined;
	readonly runs: string;
	readonly fresh: boolean;
	readonly registration: Registration | undefined;
}

const ROLES = {
	csv: ["time", "workload", "objective", "utilization", "rate"],
	query: ["objective", "utilization", "rate"],
};
/** What MLflow takes and a URI can hold. */
const NAME = /^[^/:\s]{1,250}$/;
/** What MLflow takes, which is known before anything is trained. */
const ALIAS = /^[\w-]{1,255}$/;
const RESERVED_ALIAS = /^(latest|v\d+)$/i;

/** @throws Error with one line that names the flag */
export function settingsOf(options: TrainOptions): TrainSettings {
	const target = targetOf(options);
	const measured = DEFAULT_CATALOGUE.find(({ name }) => name === target.metric);
	return {
		families: options.family.includes("all") ? FAMILIES : (options.family as Family[]),
		source: sourceOf(options, measured?.query),
		preparation: preparationOf(options, measured?.max),
		target,
		name: options.name ?? options.register,
		seed: whole(options.seed, "--seed"),
		quick: options.quick,
		output: options.output === undefined ? undefined : resolve(options.output),
		runs: resolve(options.runs ?? join(cacheFolder(), "training-runs")),
		fresh: options.fresh,
		registration: registrationOf(options),
	};
}

function preparationOf(options: TrainOptions, largest: number | undefined): Preparation {
	const stepSeconds = secondsOf(options.step, "--step");
	const horizonSteps = secondsOf(options.horizon, "--horizon") / stepSeconds;
	if (!Number.isInteger(horizonSteps))
		throw new Error(
			`--horizon ${options.horizon} is not a number of whole steps of ${options.step}; change it, or --step`,
		);
	return {
		columns: options.csv === undefined ? {} : pairsOf(options.column, "--column", ROLES.csv),
		nodeCores: positive(options["node-cores"], "--node-cores"),
		clip: positive(options.clip, "--clip"),
		scale: positive(options.scale, "--scale") ?? 1,
		largest: largest ?? null,
		sort: options.sort,
		stepSeconds,
		horizonSteps,
	};
}

function targetOf({ metric, unit, direction }: TrainOptions): Target {
	const known = DEFAULT_CATALOGUE.find(({ name }) => name === metric);
	if (known && unit !== undefined && unit !== known.unit) {
		throw new Error(
			`--unit ${unit}: ${metric} is measured in ${known.unit}, and the controller refuses models in another unit; convert the values with --scale FACTOR`,
		);
	}
	if (!known && unit === undefined) {
		const names = DEFAULT_CATALOGUE.filter(({ scope }) => scope === "Workload").map(({ name }) => name);
		throw new Error(
			`--metric ${metric} is not in the catalogue that ships (${names.join(", ")}); name its unit with --unit`,
		);
	}
	return { metric, unit: known?.unit ?? unit ?? "", direction };
}

function sourceOf(options: TrainOptions, catalogueQuery: string | undefined): HistorySource {
	const { csv, prometheus, metric } = options;
	if ((csv === undefined) === (prometheus === undefined)) {
		throw new Error("name where the history comes from: --csv FILE or --prometheus URL, one of them");
	}
	if (csv !== undefined) return { kind: "Csv", file: resolve(csv) };
	if (!z.url({ protocol: /^https?$/ }).safeParse(prometheus).success) {
		throw new Error(`--prometheus ${prometheus} is not an http or https address`);
	}
	const queries = pairsOf(options.query, "--query", ROLES.query);
	const objective = queries["objective"] ?? catalogueQuery;
	if (objective === undefined) {
		throw new Error(
			`--metric ${metric} is not in the catalogue that ships; name its query with --query objective=PROMQL`,
		);
	}
	const until = options.until === undefined ? undefined : Date.parse(options.until);
	if (Number.isNaN(until)) throw new Error(`--until ${options.until} is no time; write it like 2026-01-31T12:00:00Z`);
	const lastSeconds = secondsOf(options.last, "--last");
	return { kind: "Prometheus", url: prometheus ?? "", queries: { ...queries, objective }, lastSeconds, until };
}

function registrationOf({ mlflow: uri, register, alias }: TrainOptions): Registration | undefined {
	if (register === undefined) {
		if (uri !== undefined || alias !== undefined) throw new Error("--mlflow and --alias need --register NAME");
		return undefined;
	}
	if (!NAME.test(register)) {
		throw new Error(`--register ${register} is no name of a model; leave out slashes, colons and spaces`);
	}
	if (alias !== undefined && (!ALIAS.test(alias) || RESERVED_ALIAS.test(alias))) {
		throw new Error(
			`--alias ${alias} is no alias: letters, digits, - and _ make one, and latest and v1, v2, ... mean versions in MLflow`,
		);
	}
	if (uri !== undefined && !z.url({ protocol: /^https?$/ }).safeParse(uri).success) {
		throw new Error(`--mlflow ${uri} is not an http or https address`);
	}
	const settings = mlflowSettings(mlflow.parse(uri === undefined ? {} : { trackingUri: uri }), mlflowEnvironment());
	if (!settings) throw new Error("--register needs an MLflow server: name it with --mlflow or MLFLOW_TRACKING_URI");
	return { mlflow: settings, name: register, alias };
}

function pairsOf(texts: readonly string[], flag: string, roles: readonly string[]): Record<string, string> {
	const pairs = texts.map((text) => {
		const at = text.indexOf("=");
		const role = text.slice(0, at);
		if (at < 1 || at === text.length - 1 || !roles.includes(role)) {
			throw new Error(`${flag} ${text}: write it as ROLE=VALUE; the roles are ${roles.join(", ")}`);
		}
		return [role, text.slice(at + 1)];
	});
	return Object.fromEntries(pairs) as Record<string, string>;
}

function secondsOf(text: string, flag: string): number {
	const seconds = parseDuration(text);
	if (seconds === undefined || seconds <= 0) throw new Error(`${flag} ${text} is no duration; write it like 30s or 5m`);
	return seconds;
}

function positive(value: number | undefined, flag: string): number | null {
	if (value === undefined) return null;
	if (!(value > 0 && Number.isFinite(value))) throw new Error(`${flag} must be a number above zero`);
	return value;
}

function whole(value: number, flag: string): number {
	if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${flag} must be a whole number, 0 or more`);
	return value;
}
