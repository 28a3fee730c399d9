import { quoted, TraceError } from "./lines.ts";

/** What the columns of a trace say. */
export interface Layout {
	/** `Predictions` tests the policy alone; `Metrics` runs model, calibration and policy. */
	readonly form: "Predictions" | "Metrics";
	/** Names of the number columns, in the order of a row's values. */
	readonly values: readonly string[];
	/** Columns that nothing is done with. */
	readonly ignored: readonly string[];
}

/** Positions of a predictions row's values. */
export const PREDICTED = 0;
export const ACTUAL = 1;
export const LOWER = 2;
export const UPPER = 3;

export const KEY_COLUMNS = ["time", "workload", "node"] as const;
const PREDICTION_COLUMNS = ["predicted", "actual", "lower", "upper"] as const;
export const CURRENT_COLUMN = "current";
const METRIC_NAME = /^[a-z][a-z0-9_]*$/;

const FORMS =
	"a trace has time,workload,node,predicted[,lower,upper],actual[,current] or time,workload,node and metrics";

/** The layout of a trace with these columns. @throws TraceError that names what is missing */
export function layoutOf(names: readonly string[], line: number): Layout {
	if (names.length === 1 && /[;\t|]/.test(names[0] ?? "")) {
		throw new TraceError(`the fields of ${quoted(names[0] ?? "")} are not separated by commas; use commas`, line);
	}
	const twice = names.find((name, index) => names.indexOf(name) !== index);
	if (twice !== undefined) throw new TraceError(`the column ${quoted(twice)} is there twice; drop one`, line);
	const isPredictions = names.includes("predicted") || names.includes("actual");
	const required = [...KEY_COLUMNS, ...(isPredictions ? (["predicted", "actual"] as const) : [])];
	const missing = required.filter((name) => !names.includes(name));
	if (missing.length > 0) {
		const what = missing.length === 1 ? "the column" : "the columns";
		throw new TraceError(
			`${what} ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing; ${FORMS}`,
			line,
		);
	}
	return isPredictions ? predictions(names, line) : metrics(names, line);
}

function predictions(names: readonly string[], line: number): Layout {
	if (names.includes("lower") !== names.includes("upper")) {
		const [one, other] = names.includes("lower") ? ["lower", "upper"] : ["upper", "lower"];
		throw new TraceError(`there is a column ${one} but none ${other}; an interval has both`, line);
	}
	const known = new Set<string>([...KEY_COLUMNS, ...PREDICTION_COLUMNS, CURRENT_COLUMN]);
	return {
		form: "Predictions",
		values: PREDICTION_COLUMNS.filter((name) => names.includes(name)),
		ignored: names.filter((name) => !known.has(name)),
	};
}

function metrics(names: readonly string[], line: number): Layout {
	const others = names.filter((name) => name !== CURRENT_COLUMN && !(KEY_COLUMNS as readonly string[]).includes(name));
	const values = others.filter((name) => METRIC_NAME.test(name));
	if (values.length === 0) throw new TraceError(`there is neither a column predicted nor a metric; ${FORMS}`, line);
	return { form: "Metrics", values, ignored: others.filter((name) => !METRIC_NAME.test(name)) };
}
