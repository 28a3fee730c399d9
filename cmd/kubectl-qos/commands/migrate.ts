import { OVERRIDES } from "../../../src/core/migration/migration.ts";
import { DRY_RUN_FLAG, type DryRun, dryRunOf } from "../arguments/dry-run.ts";
import { durationOf, type FlagValues, OUTPUT_FLAG, objectOutputOf } from "../arguments/flags.ts";
import { parseTargets } from "../arguments/targets.ts";
import { usage } from "../errors.ts";
import { defineCommand } from "./command.ts";

/** What `migrate` is asked for. */
export interface MigrateOptions {
	readonly name: string;
	readonly action: "Move" | "Cancel" | "Revert";
	readonly to: string | undefined;
	readonly force: boolean;
	/** Absent: the command's own words. */
	readonly reason: string | undefined;
	readonly wait: boolean;
	/** ms; 0: no limit. */
	readonly timeout: number;
	readonly yes: boolean;
	readonly dryRun: DryRun;
	readonly output: "json" | "yaml" | "name" | undefined;
}

/** `kubectl qos migrate`: asks for a move, or stops or undoes one, and tells how it went. */
export const migrate = defineCommand({
	name: "migrate",
	summary: "Move a Deployment to another node, and wait for the outcome",
	description: [
		"It creates a QoSMigration, which the controller takes up: it checks the destination, changes the Deployment's pod template, waits for the rollout, measures, and goes back when it has become worse. Ctrl-C ends the waiting only.",
		"--cancel stops the migration under way: a pending one is deleted, one that has begun is undone. --revert moves the Deployment back to where its last migration took it from; since that is a move against the recommendation, it sets aside cooldown, gain and confidence and needs the same right as --force.",
	].join("\n\n"),
	usage: "TYPE/NAME",
	examples: [
		["kubectl qos migrate deploy/web", "Move it where it is best"],
		[
			"kubectl qos migrate deploy/web --to edge-2 --force --yes",
			"Move it there, whatever cooldown and gain say, without asking",
		],
		[
			"kubectl qos migrate deploy/web --to edge-2 --dry-run=server -o yaml",
			"Show the request as the server would store it",
		],
		["kubectl qos migrate deploy/web --cancel", "Stop the move under way and undo it"],
		["kubectl qos migrate deploy/web --revert", "Go back to where the last move took it from"],
	],
	operands: "deployments",
	flags: [
		{
			name: "to",
			kind: "string",
			description: "Value of the policy's topology key, such as a node's name; default: the best",
			completion: "nodes",
		},
		{ name: "force", kind: "boolean", description: `Set aside ${OVERRIDES.join(", ")}; never feasibility` },
		{ name: "reason", kind: "string", description: "Why, for the record" },
		{ name: "wait", kind: "boolean", default: true, description: "Wait until the move has ended and was verified" },
		{ name: "timeout", kind: "string", default: "0s", description: "Longest wait; 0s: no limit" },
		{ name: "yes", short: "y", kind: "boolean", description: "Do not ask" },
		{ name: "cancel", kind: "boolean", description: "Stop the migration under way and undo what it did" },
		{ name: "revert", kind: "boolean", description: "Move back to where the last migration took it from" },
		DRY_RUN_FLAG,
		OUTPUT_FLAG,
	],
	options: migrateOptions,
	run: async (options, context) => {
		const { cancelMove, move, revertMove } = await import("../migration/run.ts");
		await { Move: move, Cancel: cancelMove, Revert: revertMove }[options.action](options, context);
	},
});

function migrateOptions(flags: FlagValues, operands: readonly string[]): MigrateOptions {
	const [name, ...others] = parseTargets(operands);
	if (name === undefined || others.length > 0) throw usage("name one Deployment: TYPE/NAME", "migrate");
	return {
		name,
		action: actionOf(flags),
		to: flags.text("to"),
		force: flags.isSet("force"),
		reason: flags.text("reason"),
		wait: flags.isSet("wait"),
		timeout: durationOf(flags, "timeout") ?? 0,
		yes: flags.isSet("yes"),
		dryRun: dryRunOf(flags),
		output: objectOutputOf(flags, "migrate"),
	};
}

function actionOf(flags: FlagValues): MigrateOptions["action"] {
	const action = flags.isSet("cancel") ? "cancel" : flags.isSet("revert") ? "revert" : undefined;
	if (action === undefined) return "Move";
	const others = action === "cancel" ? ["revert", "to", "force"] : ["to"];
	const clash = others.find((other) => flags.isSet(other) || flags.text(other) !== undefined);
	if (clash !== undefined) throw usage(`--${action} and --${clash} cannot be used together`);
	return action === "cancel" ? "Cancel" : "Revert";
}
