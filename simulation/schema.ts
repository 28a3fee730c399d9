import { z } from "zod";
import { parseDuration } from "../src/api/v1alpha1/duration.ts";
import { parseQuantity } from "../src/api/v1alpha1/quantity.ts";
import type { Profile } from "./profile.ts";

/** The world file: schema, defaults and documentation; README.md explains it with an example. */

const duration = z.string().transform((text, context) => {
	const seconds = parseDuration(text);
	if (seconds !== undefined) return seconds;
	context.addIssue({ code: "custom", message: `"${text}" is not a duration; write it like 20ms, 30s, 5m or 1h30m` });
	return z.NEVER;
});

const bytes = z.union([z.string(), z.number()]).transform((text, context) => {
	const amount = typeof text === "number" ? text : parseQuantity(text);
	if (amount !== undefined && amount >= 0) return amount;
	context.addIssue({ code: "custom", message: `"${text}" is not an amount of bytes; write it like 512Mi or 8Gi` });
	return z.NEVER;
});

const amount = z.number().min(0);
const positiveDuration = duration.refine((seconds) => seconds > 0, "must be longer than 0s");

const profileObject = z.strictObject({
	base: amount.default(0).describe("The level until the first step."),
	steps: z
		.array(z.strictObject({ at: duration, value: amount }))
		.default([])
		.transform((steps) => steps.toSorted((left, right) => left.at - right.at))
		.describe("From `at` on, the level is `value`."),
	waves: z
		.array(z.strictObject({ amplitude: amount, period: positiveDuration, peak: duration.prefault("0s") }))
		.default([])
		.describe("Day and night: added, highest at `peak`."),
	pulses: z
		.array(
			z.strictObject({
				value: amount,
				every: positiveDuration,
				lasting: positiveDuration,
				first: duration.prefault("0s"),
				jitter: duration.prefault("0s"),
			}),
		)
		.default([])
		.describe("Added for `lasting` once in every `every`, from `first` on, each up to `jitter` later by chance."),
});

const profile = z
	.union([amount, profileObject])
	.transform(
		(value): Profile => (typeof value === "number" ? { base: value, steps: [], waves: [], pulses: [] } : value),
	);

const node = z.strictObject({
	cores: z.number().positive().optional().describe("Default: the node's CPU capacity."),
	memory: bytes.optional().describe("Default: the node's memory capacity."),
	speed: z.number().positive().default(1).describe("Of one core, 1 is the reference."),
	background: profile.prefault(0).describe("Cores kept busy by work that is not in this file."),
	disk: profile.prefault(1e5).describe("Bytes per second read and written by that work."),
	network: profile.prefault(1e5).describe("Bytes per second received and sent by that work."),
	power: z
		.strictObject({ idle: amount.default(50), busy: amount.default(200) })
		.prefault({})
		.describe("Watts when idle and with all cores busy."),
	down: z
		.boolean()
		.default(false)
		.describe("Nothing works there and nothing is measured, whatever the API server says."),
});

const app = z.strictObject({
	serviceTime: positiveDuration.describe("CPU time per request on a core of speed 1."),
	arrivalRate: profile.describe("Requests per second of the whole Deployment, split over its ready pods."),
	baseLatency: duration.prefault("1ms").describe("Time per request outside the CPU."),
	sensitivity: amount.default(1).describe("How much a crowded node slows it: 0 not at all, 1 as a fair share does."),
	timeout: positiveDuration.prefault("10s").describe("A request takes no longer."),
	fps: z
		.strictObject({
			target: z.number().positive().describe("Frames per second fed to each pod."),
			parallelism: z.number().positive().default(1).describe("Frames worked on at once."),
		})
		.optional()
		.describe("For video: serves a frame counter too; a frame takes as long as a request does on the CPU."),
	memory: bytes.prefault("128Mi").describe("Of one pod."),
	networkBytes: amount.default(10_000).describe("Received and sent per request."),
	diskBytes: amount.default(0).describe("Read and written per request."),
});

const noise = z.strictObject({
	latency: amount.default(0.05).describe("Relative standard deviation of latencies."),
	load: amount.default(0.02).describe("Relative standard deviation of arrival rates and background load."),
	period: positiveDuration.prefault("10s").describe("Noise stays the same for so long, in real time."),
	outliers: z
		.strictObject({
			probability: z.number().min(0).max(1).default(0).describe("Chance that a period is an outlier."),
			factor: z.number().positive().default(5).describe("What its latency is multiplied by."),
		})
		.prefault({}),
});

export const worldSchema = z.strictObject({
	seed: z.int().default(1).describe("The same seed gives the same world."),
	compression: z.number().positive().default(1).describe("Seconds of the profiles that pass in one real second."),
	noise: noise.prefault({}),
	nodes: z.record(z.string(), node).default({}).describe("By name; a node that is not here has the defaults."),
	apps: z
		.record(z.string(), app)
		.default({})
		.describe("By `name` or `namespace/name` of the Deployment; pods of others do no work."),
});

/** A world with every default filled in; times in seconds, amounts in base units. */
export type WorldSpec = z.output<typeof worldSchema>;
export type NodeSpec = WorldSpec["nodes"][string];
export type AppSpec = WorldSpec["apps"][string];
/** A world as written in a file. */
export type WorldInput = z.input<typeof worldSchema>;

type Patch<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Patch<T[K]> | null } : T;
/** A JSON merge patch (RFC 7386) of a world: what is named changes, `null` removes. */
export type WorldPatch = Patch<WorldInput>;

/** A node that the file does not name. */
export const DEFAULT_NODE: NodeSpec = node.parse({});
