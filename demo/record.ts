/**
 * What one run of the demo leaves behind: the material of the closing table and of the HTML page.
 * Times are seconds since the story began.
 */

/** The nodes come twice: one half is served by kubectl-qos, its twins by the default scheduler alone. */
export type Half = "with" | "without";

export const HALVES: readonly Half[] = ["with", "without"];

/** One second of one app, in the objective's unit; `undefined`: nobody answered. */
export interface Sample {
	readonly at: number;
	readonly value: number | undefined;
}

/** From when to when an app ran on a node. */
export interface Stay {
	readonly node: string;
	readonly from: number;
	readonly to: number;
}

export interface HalfRecord {
	readonly samples: readonly Sample[];
	readonly stays: readonly Stay[];
}

export interface AppRecord {
	readonly name: string;
	/** The latency objective in seconds: above it is a violation. */
	readonly target: number;
	readonly halves: Readonly<Record<Half, HalfRecord>>;
}

/** Something that happened, numbered in the charts. */
export interface Mark {
	readonly at: number;
	readonly kind: "Placement" | "Disturbance" | "Move" | "Death" | "Release";
	/** The app it happened to; absent: to all of them. */
	readonly app: string | undefined;
	readonly text: string;
}

/** One QoSMigration that was rolled out. Values in seconds. */
export interface MoveRecord {
	readonly app: string;
	readonly from: string;
	readonly to: string;
	readonly requestedBy: string;
	readonly before: number | undefined;
	readonly promised: { readonly value: number; readonly lower: number; readonly upper: number } | undefined;
	readonly measured: number | undefined;
	readonly phase: string;
	/** The least number of available replicas seen while it was rolled out. */
	readonly leastAvailable: number | undefined;
}

export interface StoryLine {
	readonly at: number;
	readonly kind: "Chapter" | "Line" | "Command" | "Output";
	readonly text: string;
}

export interface DemoRecord {
	/** RFC 3339. */
	readonly startedAt: string;
	/** When the measurements begin, and when they end. */
	readonly from: number;
	readonly seconds: number;
	readonly apps: readonly AppRecord[];
	readonly marks: readonly Mark[];
	readonly moves: readonly MoveRecord[];
	readonly story: readonly StoryLine[];
	/** Program and version, in the order to show. */
	readonly versions: readonly (readonly [program: string, version: string])[];
}
