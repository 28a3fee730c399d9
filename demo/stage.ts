import type { World } from "../simulation/world.ts";
import type { Cluster } from "../test/cluster/cluster.ts";
import type { ControllerProcess } from "../test/e2e/harness/controller.ts";
import { type AppName, workloadIn } from "./machines.ts";
import type { Narrator } from "./narrator.ts";
import type { Observer } from "./observer.ts";
import { HALVES, type Half, type Mark } from "./record.ts";
import { step } from "./steps.ts";
import { runAsUser, userEnvironment } from "./user.ts";

/** What a chapter of the story needs before there is a cluster. */
export interface Telling {
	readonly narrator: Narrator;
	/** Ends the story, whatever it is at. */
	readonly stopped: AbortSignal;
	/** ms since the epoch. */
	readonly beganAt: number;
	/** Folder of this run. */
	readonly dir: string;
	/** What must be ended with the demo, the newest first. */
	readonly closing: (() => Promise<unknown>)[];
	/** Processes that must not end before the story does, by name. */
	readonly pids: Map<string, number>;
}

/** Everything that the story is played on. */
export interface Stage extends Telling {
	readonly cluster: Cluster;
	readonly world: World;
	readonly observer: Observer;
	readonly controller: ControllerProcess;
	readonly marks: Mark[];
}

/** Seconds since the story began, of a time in ms since the epoch. */
export function secondsInto(stage: Telling, time: number = Date.now()): number {
	return (time - stage.beganAt) / 1000;
}

export function mark(stage: Stage, kind: Mark["kind"], text: string, app?: string): void {
	stage.marks.push({ at: secondsInto(stage), kind, app, text });
}

/** Runs what a user would type and shows what it prints. */
export async function type(stage: Stage, commandLine: string, timeoutSeconds = 20): Promise<string> {
	const limits = { name: commandLine, timeoutSeconds, stopped: stage.stopped };
	const output = await step(limits, (signal) => runAsUser(commandLine, userEnvironment(stage.cluster), signal));
	stage.narrator.command(commandLine, output);
	return output;
}

/** The node of an app in each half. @throws Error when it runs nowhere */
export function nodesOf(stage: Stage, app: AppName): Record<Half, string> {
	const [served = "", alone = ""] = HALVES.map((half) => {
		const node = stage.observer.nodeOf(workloadIn(half, app));
		if (node === undefined) throw new Error(`${workloadIn(half, app)} runs nowhere`);
		return node;
	});
	return { with: served, without: alone };
}
