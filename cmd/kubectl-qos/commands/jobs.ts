import { parseDuration } from "../../../src/api/v1alpha1/duration.ts";
import { DRY_RUN_FLAG, type DryRun, dryRunOf } from "../arguments/dry-run.ts";
import { durationOf, type FlagDefinition, type FlagValues, OUTPUT_FLAG, objectOutputOf } from "../arguments/flags.ts";
import { LIST_FLAGS, listOptions } from "../arguments/read.ts";
import { usage } from "../errors.ts";
import type { ListJobsOptions } from "../jobs/list.ts";
import type { NewJob } from "../jobs/read.ts";
import { type Command, defineCommand } from "./command.ts";

/** `kubectl qos jobs ...`: the controller's timer. */
const list = defineCommand({
	name: "jobs list",
	summary: "Show what the controller's timer runs, and how it went",
	usage: "[NAME...]",
	examples: [
		["kubectl qos jobs list -A", "All timer jobs of the cluster"],
		["kubectl qos jobs list -n kubectl-qos-system", "Those that act on the policies of all namespaces"],
	],
	operands: "jobs",
	flags: LIST_FLAGS,
	options: (flags, names): ListJobsOptions => ({ ...listOptions(flags), names }),
	run: async (options, context) => (await import("../jobs/list.ts")).listJobs(options, context),
});

const SCHEDULE_FLAGS: readonly FlagDefinition[] = [
	{ name: "every", kind: "string", description: "Run at this interval: 30s, 5m, 1h" },
	{ name: "at", kind: "string", description: "Run once, at this time (RFC 3339): 2026-01-31T08:00:00Z" },
	{ name: "cron", kind: "string", description: 'Run by five cron fields: "0 3 * * 1-5"' },
	{ name: "time-zone", kind: "string", description: "IANA time zone of --cron, such as Europe/Madrid; default: UTC" },
];

const add = defineCommand({
	name: "jobs add",
	summary: "Add a job to the controller's timer",
	description:
		"Exactly one of --every, --at and --cron says when. A job in the controller's own namespace acts on the policies of all namespaces, any other on those of its own.",
	usage: "NAME",
	examples: [
		[
			"kubectl qos jobs add nightly --cron '0 3 * * 1-5' --time-zone Europe/Madrid",
			"Rebalance at three on working days",
		],
		["kubectl qos jobs add often --action Predict --every 30s", "Predict twice a minute"],
		["kubectl qos jobs add once --at 2030-01-31T08:00:00Z --dry-run=client -o yaml", "Print the QoSJob only"],
	],
	flags: [
		{
			name: "action",
			kind: "string",
			default: "Rebalance",
			description: "Predict: evaluate and report. Rebalance: do so and move what should be moved.",
			completion: ["Predict", "Rebalance"],
		},
		...SCHEDULE_FLAGS,
		{ name: "policy-selector", kind: "string", description: "Only policies with these labels: tier=web,team=shop" },
		DRY_RUN_FLAG,
		OUTPUT_FLAG,
	],
	options: addOptions,
	run: async (options, context) => (await import("../jobs/add.ts")).addJob(options, context),
});

/** What `jobs add` is asked for. */
export interface AddOptions {
	readonly job: NewJob;
	readonly dryRun: DryRun;
	readonly output: "json" | "yaml" | "name" | undefined;
}

function addOptions(flags: FlagValues, operands: readonly string[]): AddOptions {
	const name = oneName(operands, "jobs add");
	const action = flags.text("action");
	if (action !== "Predict" && action !== "Rebalance") {
		throw usage(`invalid argument "${action}" for "--action" flag: write Predict or Rebalance`);
	}
	const output = objectOutputOf(flags, "jobs add");
	const labels = labelsOf(flags.text("policy-selector"));
	return { job: { name, action, ...scheduleOf(flags), ...labels }, dryRun: dryRunOf(flags), output };
}

type Schedule = Pick<NewJob, "interval" | "at" | "cron" | "timezone">;

function scheduleOf(flags: FlagValues): Schedule {
	const given = ["every", "at", "cron"].filter((name) => flags.text(name) !== undefined);
	if (given.length !== 1) {
		const what = given.length === 0 ? "none was given" : `given were ${given.map((name) => `--${name}`).join(" and ")}`;
		throw usage(`exactly one of --every, --at and --cron says when the job runs; ${what}`);
	}
	const timezone = flags.text("time-zone");
	if (timezone !== undefined && flags.text("cron") === undefined) throw usage("--time-zone goes with --cron only");
	const interval = flags.text("every");
	if (interval !== undefined && (parseDuration(interval) ?? 0) < 1) {
		throw usage(`invalid argument "${interval}" for "--every" flag: write a duration of at least 1s, like 30s or 5m`);
	}
	return { interval, at: timeOf(flags.text("at")), cron: flags.text("cron"), timezone };
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function timeOf(at: string | undefined): string | undefined {
	if (at === undefined || (RFC_3339.test(at) && !Number.isNaN(Date.parse(at)))) return at;
	throw usage(`invalid argument "${at}" for "--at" flag: write a time as RFC 3339 does, like 2026-01-31T08:00:00Z`);
}

function labelsOf(text: string | undefined): Pick<NewJob, "policySelector"> {
	if (text === undefined) return {};
	const pairs = text.split(",").map((pair) => pair.split("="));
	if (pairs.some(([key, value]) => !key || value === undefined)) {
		throw usage(`invalid argument "${text}" for "--policy-selector" flag: write key=value,key=value`);
	}
	return { policySelector: { matchLabels: Object.fromEntries(pairs) } };
}

const remove = defineCommand({
	name: "jobs remove",
	summary: "Remove jobs from the controller's timer",
	usage: "NAME...",
	examples: [["kubectl qos jobs remove nightly -n shop", "Remove one"]],
	operands: "jobs",
	flags: [DRY_RUN_FLAG],
	options: namedOptions("jobs remove"),
	run: async (options, context) => (await import("../jobs/change.ts")).removeJobs(options, context),
});

const pause = defineCommand({
	name: "jobs pause",
	summary: "Suspend jobs of the controller's timer",
	usage: "NAME...",
	examples: [["kubectl qos jobs pause rebalance -n kubectl-qos-system", "Let nothing be moved by the timer"]],
	operands: "jobs",
	flags: [DRY_RUN_FLAG],
	options: namedOptions("jobs pause"),
	run: async (options, context) => (await import("../jobs/change.ts")).suspendJobs(options, context, true),
});

const resume = defineCommand({
	name: "jobs resume",
	summary: "Let suspended jobs run again",
	usage: "NAME...",
	examples: [["kubectl qos jobs resume rebalance -n kubectl-qos-system", "Let the timer move again"]],
	operands: "jobs",
	flags: [DRY_RUN_FLAG],
	options: namedOptions("jobs resume"),
	run: async (options, context) => (await import("../jobs/change.ts")).suspendJobs(options, context, false),
});

/** What the commands about jobs that exist are asked for. */
export interface NamedOptions {
	readonly names: readonly string[];
	readonly dryRun: DryRun;
}

function namedOptions(command: string) {
	return (flags: FlagValues, operands: readonly string[]): NamedOptions => {
		if (operands.length === 0) throw usage("name at least one QoSJob", command);
		return { names: operands.map(bareName), dryRun: dryRunOf(flags) };
	};
}

const run = defineCommand({
	name: "jobs run",
	summary: "Run a job now, once, beside its schedule",
	description:
		"It creates a QoSJob that runs once, now, with the same action and selection; the job itself keeps its schedule. It waits for the result and removes what it created; on Ctrl-C or a timeout the run goes on.",
	usage: "NAME",
	examples: [["kubectl qos jobs run predict -n kubectl-qos-system", "Have everything predicted anew, now"]],
	operands: "jobs",
	flags: [
		{ name: "wait", kind: "boolean", default: true, description: "Wait for the result" },
		{ name: "timeout", kind: "string", default: "2m", description: "Longest wait; 0s: no limit" },
	],
	options: (flags, operands) => ({
		name: oneName(operands, "jobs run"),
		wait: flags.isSet("wait"),
		timeout: durationOf(flags, "timeout") ?? 0,
	}),
	run: async (options, context) => (await import("../jobs/run-now.ts")).runNow(options, context),
});

function oneName([name, ...others]: readonly string[], command: string): string {
	if (name === undefined || others.length > 0) throw usage("name one QoSJob", command);
	return bareName(name);
}

function bareName(word: string): string {
	return word.replace(/^(qosj|qosjobs?)(\.kubectl-qos\.dev)?\//i, "");
}

export const JOBS: readonly Command[] = [list, add, remove, pause, resume, run];
