import { durationOf, type FlagValues, OUTPUT_FLAG, valueOutputOf } from "../arguments/flags.ts";
import { usage } from "../errors.ts";
import { CONTROLLER_NAMESPACE } from "../resources/names.ts";
import { defineCommand } from "./command.ts";

/** What `check` is asked for. */
export interface CheckOptions {
	readonly pre: boolean;
	/** ms; 0: look once. */
	readonly wait: number;
	readonly output: "json" | "yaml" | undefined;
	readonly controllerNamespace: string;
}

/** `kubectl qos check`. */
export const check = defineCommand({
	name: "check",
	summary: "Check the install: what is wrong, why, and how to mend it",
	description:
		"Every check has a code that stays the same. √ is well, ‼ works but needs attention, × does not work, - was not looked at. It exits with 1 when anything is ‼ or ×, whatever the output format. Only the API server is asked; the webhook is called by a dry run of creating a pod.",
	usage: "",
	examples: [
		["kubectl qos check", "Is all well?"],
		["kubectl qos check --pre", "Can it be installed here?"],
		["kubectl qos check --wait 2m", "Wait up to two minutes until all is well"],
		["kubectl qos check -o json", "For programs"],
	],
	flags: [
		{ name: "pre", kind: "boolean", description: "Check before an install whether it can be made" },
		{
			name: "wait",
			kind: "string",
			default: "0s",
			description: "Look again until all is well, up to this long; 0s: once",
		},
		{
			name: "controller-namespace",
			kind: "string",
			default: CONTROLLER_NAMESPACE,
			description: "Namespace the controller runs in",
			completion: "namespaces",
		},
		OUTPUT_FLAG,
	],
	options: checkOptions,
	run: async (options, context) => (await import("../check/run.ts")).runCheck(options, context),
});

function checkOptions(flags: FlagValues, operands: readonly string[]): CheckOptions {
	if (operands.length > 0) throw usage(`extra arguments: [${operands.join(" ")}]`, "check");
	return {
		pre: flags.isSet("pre"),
		wait: durationOf(flags, "wait") ?? 0,
		output: valueOutputOf(flags),
		controllerNamespace: flags.text("controller-namespace") ?? CONTROLLER_NAMESPACE,
	};
}
