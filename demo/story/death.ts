import { HOSTNAME_KEY } from "../../src/core/cluster/node.ts";
import { workloadIn } from "../machines.ts";
import { HALVES, type Half } from "../record.ts";
import { mark, nodesOf, type Stage, secondsInto } from "../stage.ts";
import { step, waitUntil } from "../steps.ts";

/** The node of `web` dies in each half: here the pin is released and `web` placed elsewhere. */
export async function die(stage: Stage): Promise<void> {
	const { narrator, cluster, observer, world, stopped } = stage;
	narrator.chapter("A node dies");
	const nodes = nodesOf(stage, "web");
	const pin = observer.workloads.get(workloadIn("with", "web"))?.template.scheduling.nodeSelector[HOSTNAME_KEY];
	if (pin !== nodes.with) throw new Error(`web runs on ${nodes.with}, but its template is pinned to ${pin}`);
	narrator.say(`The machines of web lose power in both halves: ${nodes.with} and ${nodes.without}.`);
	world.update({ nodes: { [nodes.with]: { down: true }, [nodes.without]: { down: true } } });
	mark(
		stage,
		"Death",
		`the node of web dies in both halves: ${HALVES.map((half) => obituary(stage, half, nodes[half])).join(", ")}`,
	);
	const diedAt = secondsInto(stage);
	await step({ name: "the nodes are NotReady", timeoutSeconds: 60, stopped }, () =>
		Promise.all(HALVES.map((half) => cluster.kill(nodes[half]))),
	);
	narrator.done(`The node controller calls them NotReady after ${since(stage, diedAt)}.`);
	await step({ name: "the pin of web is released", timeoutSeconds: 30, stopped }, (signal) =>
		waitUntil(() => {
			const template = observer.workloads.get(workloadIn("with", "web"))?.template;
			return template?.scheduling.nodeSelector[HOSTNAME_KEY] === nodes.with
				? { still: `web is still pinned to ${nodes.with}` }
				: { found: true };
		}, signal),
	);
	narrator.done(`kubectl-qos releases the pin to ${nodes.with}, so that web can be placed anew.`);
	const timers = HALVES.map((half) => recover(stage, half, { dead: nodes[half], diedAt }));
	await Promise.all(timers);
}

async function recover(
	stage: Stage,
	half: Half,
	{ dead, diedAt }: { readonly dead: string; readonly diedAt: number },
): Promise<void> {
	const { narrator, observer, stopped } = stage;
	const key = workloadIn(half, "web");
	const name = half === "with" ? "web is placed elsewhere" : "the default scheduler places web elsewhere";
	const node = await step({ name, timeoutSeconds: 60, stopped }, (signal) =>
		waitUntil(() => {
			const pod = observer.running(key).find(({ nodeName }) => nodeName !== dead);
			return pod ? { found: pod.nodeName ?? "?" } : { still: "it is not available yet" };
		}, signal),
	);
	const who = half === "with" ? "With kubectl-qos" : "With the default scheduler alone";
	narrator.done(`${who} web serves again, on ${node}, ${since(stage, diedAt)} after the death.`);
	if (half === "with") mark(stage, "Release", `web released from ${dead} and placed at admission on ${node}`, "web");
}

/** The node, and the noisy neighbour where it dies with it. */
function obituary({ observer }: Stage, half: Half, node: string): string {
	return observer.nodeOf(workloadIn(half, "encoder")) === node ? `${node} (and the noisy neighbour with it)` : node;
}

function since(stage: Stage, at: number): string {
	return `${(secondsInto(stage) - at).toFixed(0)} s`;
}
