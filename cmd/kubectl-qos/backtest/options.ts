import { parseQuantity } from "../../../src/api/v1alpha1/quantity.ts";
import { ORACLE, OURS, POLICY_NAMES } from "../../../src/backtest/policies/names.ts";
import type { FlagDefinition, FlagValues } from "../arguments/flags.ts";
import { usage } from "../errors.ts";

export const BACKTEST_FLAGS: readonly FlagDefinition[] = [
	{ name: "trace", kind: "string", description: "Trace to run on: CSV or JSON Lines, gzip-compressed or not" },
	{ name: "policy", kind: "string", description: "File with the QoSPolicy to try; default: every field's default" },
	{ name: "direction", kind: "string", description: "Minimize or Maximize, where no --policy says it" },
	{ name: "target", kind: "string", description: "Service level objective, where no --policy says it" },
	{ name: "compare", kind: "string", description: `all, or some of ${POLICY_NAMES.join(",")}` },
	{ name: "output", short: "o", kind: "string", description: "Output format: table, json" },
	{ name: "report", kind: "string", description: "Write a page with charts to this file (HTML)" },
	{ name: "trust-units", kind: "boolean", description: "Do not refuse values that look like two units" },
];

type PolicyName = (typeof POLICY_NAMES)[number];

export interface BacktestOptions {
	readonly trace: string;
	readonly policy: string | undefined;
	readonly direction: "Minimize" | "Maximize" | undefined;
	readonly target: string | undefined;
	/** Names of policies, ours first. */
	readonly compare: readonly PolicyName[];
	readonly output: "table" | "json";
	readonly report: string | undefined;
	readonly trustUnits: boolean;
}

/** @throws PluginError Usage */
export function backtestOptions(flags: FlagValues, operands: readonly string[]): BacktestOptions {
	if (operands.length > 0) throw refuse(`extra arguments: [${operands.join(" ")}]; a trace is named with --trace FILE`);
	const trace = flags.text("trace");
	if (trace === undefined) throw refuse("required flag --trace is not set; name the file to run on");
	const policy = flags.text("policy");
	const direction = directionOf(flags.text("direction"));
	const target = flags.text("target");
	if (policy !== undefined && (direction ?? target) !== undefined) {
		throw refuse(
			`--${direction === undefined ? "target" : "direction"} is what the policy file says; drop one of both`,
		);
	}
	if (target !== undefined && !(Number(parseQuantity(target)) > 0)) {
		throw refuse(
			`invalid argument "${target}" for "--target" flag: write a quantity above zero such as 200m, 0.2 or 25`,
		);
	}
	return {
		trace,
		policy,
		direction,
		target,
		compare: comparedBy(flags.text("compare")),
		output: outputOf(flags.text("output")),
		report: flags.text("report"),
		trustUnits: flags.isSet("trust-units"),
	};
}

function refuse(problem: string) {
	return usage(problem, "backtest");
}

function directionOf(text: string | undefined): BacktestOptions["direction"] {
	if (text === undefined || text === "Minimize" || text === "Maximize") return text;
	throw refuse(`invalid argument "${text}" for "--direction" flag: it is Minimize or Maximize`);
}

function outputOf(text = "table"): BacktestOptions["output"] {
	if (text === "table" || text === "json") return text;
	throw refuse(`unable to match a printer suitable for the output format "${text}", allowed formats are: table,json`);
}

function comparedBy(text: string | undefined): readonly PolicyName[] {
	if (text === undefined) return [OURS, ORACLE];
	if (text === "all") return POLICY_NAMES;
	const names = text.split(",").map((name) => (name === "ours" ? OURS : name));
	const stranger = names.find((name) => !(POLICY_NAMES as readonly string[]).includes(name));
	if (stranger !== undefined) {
		throw refuse(`unknown policy "${stranger}" for "--compare" flag: it is all, or some of ${POLICY_NAMES.join(",")}`);
	}
	return POLICY_NAMES.filter((name) => name === OURS || names.includes(name));
}
