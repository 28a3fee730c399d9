import { setTimeout as delay } from "node:timers/promises";
import type { RealCluster } from "../../test/real-nodes/types.ts";
import { type Image, NAMESPACES, neighbourPod } from "./manifests.ts";
import type { Neighbour, Script, Trouble } from "./script.ts";

/** Something to do at a second of the script. */
interface Event {
	readonly at: number;
	readonly what: string;
	readonly act: (cluster: RealCluster) => Promise<unknown>;
}

/** All that happens, in order. */
function eventsOf(script: Script, image: Image): readonly Event[] {
	const { neighbours, troubles, nodes } = script;
	const events = [
		...neighbours.flatMap((neighbour) => visit(neighbour, image)),
		...troubles.flatMap((trouble) => {
			const usual = nodes.find(({ name }) => name === trouble.node)?.speed ?? 1;
			return troubleEvents(trouble, usual);
		}),
	];
	return events.filter(({ at }) => at <= script.seconds).toSorted((left, right) => left.at - right.at);
}

function visit(neighbour: Neighbour, image: Image): readonly Event[] {
	const { name, node, from, to } = neighbour;
	return [
		{
			at: from,
			what: `${name} comes to ${node}`,
			act: (cluster) => cluster.kubectl(["apply", "-f", "-"], neighbourPod(neighbour, image)),
		},
		{
			at: to,
			what: `${name} leaves ${node}`,
			act: (cluster) =>
				cluster.kubectl(["delete", "pod", name, "-n", NAMESPACES.neighbours, "--wait=false", "--ignore-not-found"]),
		},
	];
}

function troubleEvents({ node, from, to, kind }: Trouble, usual: number): readonly Event[] {
	if (kind.name === "Slow") {
		const { speed } = kind;
		return [
			{ at: from, what: `${node} slows down to ${speed}`, act: (cluster) => cluster.setSpeed(node, speed) },
			{ at: to, what: `${node} is as fast as before`, act: (cluster) => cluster.setSpeed(node, usual) },
		];
	}
	return [
		{ at: from, what: `the kubelet of ${node} is killed`, act: (cluster) => cluster.killKubelet(node) },
		{ at: to, what: `the kubelet of ${node} is back`, act: (cluster) => cluster.revive(node) },
	];
}

export interface Stage {
	readonly cluster: RealCluster;
	readonly stopped: AbortSignal;
	readonly closing: (() => Promise<unknown>)[];
}

/** Lets the script happen, from `startedAt` (ms) on; resolves at its end. Rejects when something cannot be done. */
export async function play(
	script: Script,
	image: Image,
	{ cluster, stopped }: Stage,
	startedAt: number,
): Promise<void> {
	const under: Promise<unknown>[] = [];
	for (const { at, what, act } of eventsOf(script, image)) {
		await delay(Math.max(0, startedAt + at * 1000 - Date.now()), undefined, { signal: stopped });
		console.log(`    ${clock(at)}  ${what}`);
		// The next event does not wait until this one is done: a killed kubelet is noticed in its own time.
		const acted = act(cluster);
		acted.catch(() => undefined);
		under.push(acted);
	}
	await delay(Math.max(0, startedAt + script.seconds * 1000 - Date.now()), undefined, { signal: stopped });
	await Promise.all(under);
}

function clock(second: number): string {
	const whole = Math.round(second);
	return `${String(Math.floor(whole / 60)).padStart(2)}:${String(whole % 60).padStart(2, "0")}`;
}
