import type { FlagValues } from "../../arguments/flags.ts";
import { READ_FLAGS, type ReadOptions, readOptions } from "../../arguments/read.ts";
import { CONTROLLER_NAMESPACE } from "../../resources/names.ts";
import { defineCommand } from "../command.ts";

export interface StatusOptions extends ReadOptions {
	readonly controllerNamespace: string;
}

/** `kubectl qos status`: who leads, what is measured, and how the last move went. */
export const status = defineCommand({
	name: "status",
	summary: "Show the controller, measured QoS and the last move of each Deployment",
	description: [
		"Without names: the controller, who leads, the policies' modes, models and jobs, then all Deployments. With names:",
		"those. PHASE, PROMISED and DELIVERED are of the newest migration: what was predicted for the new place, and what",
		"was measured there.",
	].join("\n"),
	usage: "[TYPE/NAME...]",
	examples: [
		["kubectl qos status", "The controller and all Deployments of the namespace"],
		["kubectl qos status deploy/web -o wide", "With why the last move ended as it did"],
		["kubectl qos status -A", "All namespaces"],
	],
	operands: "deployments",
	flags: [
		{
			name: "controller-namespace",
			kind: "string",
			default: CONTROLLER_NAMESPACE,
			description: "Namespace the controller runs in",
			completion: "namespaces",
		},
		...READ_FLAGS,
	],
	options: (flags: FlagValues, operands: readonly string[]): StatusOptions => ({
		...readOptions(flags, operands),
		controllerNamespace: flags.text("controller-namespace") ?? CONTROLLER_NAMESPACE,
	}),
	run: async (options, context) => (await import("./run.ts")).run(options, context),
});
