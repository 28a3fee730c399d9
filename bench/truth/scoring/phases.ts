import type { Script } from "../script.ts";
import { WINDOW_SECONDS, type Window } from "./latency.ts";

/** Nothing is done to the nodes. */
const CALM = "calm";

/** What goes on at a second of the script: who is a neighbour, and what is wrong with a node. */
export function phaseAt({ neighbours, troubles }: Pick<Script, "neighbours" | "troubles">, second: number): string {
	const isOn = ({ from, to }: { readonly from: number; readonly to: number }): boolean => from <= second && second < to;
	const names = [
		...neighbours.filter(isOn).map(({ name, node }) => `${name} on ${node}`),
		...troubles.filter(isOn).map(({ node, kind }) => `${node} ${kind.name === "Slow" ? "slowed down" : "killed"}`),
	];
	return names.length === 0 ? CALM : names.join(", ");
}

/** Of all apps together, in app-seconds. */
export interface PhaseFigures {
	readonly seconds: number;
	readonly violated: number;
}

/** An app's windows, in order from the script's begin, and its target in seconds. */
interface AppWindows {
	readonly windows: readonly Window[];
	readonly target: number;
}

/** How long apps were beyond their targets in each phase; the phases in the order in which they come. */
export function violationsByPhase(
	script: Pick<Script, "neighbours" | "troubles">,
	apps: readonly AppWindows[],
): ReadonlyMap<string, PhaseFigures> {
	const found = apps.flatMap(({ windows, target }) =>
		windows.map(({ mean }, index) => ({ index, isViolated: mean > target })),
	);
	const byPhase = Map.groupBy(
		found.toSorted((left, right) => left.index - right.index),
		// A window belongs to what went on in its middle.
		({ index }) => phaseAt(script, (index + 0.5) * WINDOW_SECONDS),
	);
	return new Map(
		[...byPhase].map(([phase, windows]) => [
			phase,
			{
				seconds: windows.length * WINDOW_SECONDS,
				violated: windows.filter(({ isViolated }) => isViolated).length * WINDOW_SECONDS,
			},
		]),
	);
}
