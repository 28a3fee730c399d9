import type { FlagValues } from "../arguments/flags.ts";
import { parseTargets } from "../arguments/targets.ts";
import { usage } from "../errors.ts";
import type { InitOptions } from "../policy/init.ts";
import { PROFILE_NAMES, PROFILES } from "../policy/profiles.ts";
import { type Command, defineCommand } from "./command.ts";

/** `kubectl qos policy init`. */
const init = defineCommand({
	name: "policy init",
	summary: "Print a commented QoSPolicy for a Deployment, to edit and apply",
	description: PROFILE_NAMES.map((name) => `${name}: ${PROFILES[name].summary}.`).join("\n"),
	usage: "TYPE/NAME",
	examples: [
		["kubectl qos policy init deploy/web > policy.yaml", "A careful policy: nothing is placed or moved yet"],
		["kubectl qos policy init deploy/web --profile eager --target 50m", "Keep latency below 50 ms, and act by itself"],
		[
			"kubectl qos policy init deploy/web --metric fps --direction Maximize --target 25",
			"Keep at least 25 frames per second",
		],
	],
	operands: "deployments",
	flags: [
		{
			name: "profile",
			kind: "string",
			default: "safe",
			description: `One of: (${PROFILE_NAMES.join(", ")})`,
			completion: PROFILE_NAMES,
		},
		{ name: "metric", kind: "string", default: "latency", description: "Name in the controller's metric catalogue" },
		{
			name: "direction",
			kind: "string",
			description: "Minimize or Maximize; needed unless the metric is latency",
			completion: ["Minimize", "Maximize"],
		},
		{ name: "target", kind: "string", default: "100m", description: "The objective, a Quantity in the metric's unit" },
	],
	options: initOptions,
	run: async (options, context) => (await import("../policy/init.ts")).initPolicy(options, context),
});

function initOptions(flags: FlagValues, operands: readonly string[]): InitOptions {
	const [name, ...others] = parseTargets(operands);
	if (name === undefined || others.length > 0) throw usage("name one Deployment: TYPE/NAME", "policy init");
	const profile = PROFILE_NAMES.find((known) => known === flags.text("profile"));
	if (!profile) {
		throw usage(`invalid argument "${flags.text("profile")}" for "--profile" flag: write ${PROFILE_NAMES.join(", ")}`);
	}
	const metric = flags.text("metric") ?? "latency";
	const given = flags.text("direction") ?? (metric === "latency" ? "Minimize" : undefined);
	if (given === undefined)
		throw usage(`--direction is required for ${metric}: is less of it better (Minimize) or more (Maximize)?`);
	if (given !== "Minimize" && given !== "Maximize") {
		throw usage(`invalid argument "${given}" for "--direction" flag: write Minimize or Maximize`);
	}
	return { name, profile, metric, direction: given, target: flags.text("target") ?? "100m" };
}

/** `kubectl qos policy validate`. */
const validate = defineCommand({
	name: "policy validate",
	summary: "Check QoSPolicies in files, without a cluster",
	usage: "-f FILENAME...",
	examples: [
		["kubectl qos policy validate -f policy.yaml", "Every mistake with its line, and what was probably meant"],
		["kubectl qos policy init deploy/web | kubectl qos policy validate -f -", "Check what comes from a pipe"],
	],
	flags: [
		{
			name: "filename",
			short: "f",
			kind: "list",
			description: "File or folder to check; -: stdin. May be repeated.",
			completion: "files",
		},
	],
	options: (flags, operands) => {
		if (operands.length > 0) throw usage(`extra arguments: [${operands.join(" ")}]`, "policy validate");
		const files = flags.list("filename");
		if (files.length === 0) throw usage("must specify -f", "policy validate");
		return { files };
	},
	run: async (options, context) => (await import("../policy/run-validate.ts")).runValidate(options, context),
});

export const POLICY: readonly Command[] = [init, validate];
