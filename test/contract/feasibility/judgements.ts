import type { Node } from "../../../src/core/cluster/node.ts";
import type { ClusterState } from "../../../src/core/cluster/state.ts";
import { feasibilityColumn } from "../../../src/core/feasibility/column.ts";
import type { PodToPlace } from "../../../src/core/feasibility/pod-to-place.ts";
import type { Verdict } from "../../../src/core/feasibility/verdict.ts";
import { Ledger } from "../../../src/core/features/ledger.ts";
import { PASSED } from "./recording-extender.ts";

/** Not every random node has a host name, and a policy needs a label to name nodes by. */
const NAME_KEY = "test/name";

/** How many nodes were refused for what, in the scheduler's words; one message without a number is for all. */
export type Reasons = Readonly<Record<string, number>>;

/** Our verdicts by node. */
export function ourVerdicts(pod: PodToPlace, cluster: ClusterState): ReadonlyMap<string, Verdict> {
	const names = [...cluster.nodes.keys()];
	const column = feasibilityColumn(
		pod,
		{ cluster, ledger: new Ledger(), candidates: {}, topologyKey: NAME_KEY },
		names,
	);
	return new Map(names.map((name, index) => [name, column.verdict(index)]));
}

/**
 * The cluster without the one point where we are stricter on purpose: nodes that are not ready count as
 * ready, and cordoned ones as open to a pod that tolerates it.
 */
export function asTheSchedulerSees(pod: PodToPlace, cluster: ClusterState): ClusterState {
	const tolerated = pod.scheduling.tolerations.some(
		({ key, operator, value, effect }) =>
			(key === undefined || key === "node.kubernetes.io/unschedulable") &&
			(operator === "Exists" || value === "") &&
			(effect === undefined || effect === "NoSchedule"),
	);
	const seen = (node: Node): Node => ({
		...node,
		labels: { ...node.labels, [NAME_KEY]: node.name },
		ready: true,
		unschedulable: node.unschedulable && !tolerated,
	});
	return { ...cluster, nodes: new Map([...cluster.nodes].map(([name, node]) => [name, seen(node)])) };
}

/** Reasons of the message of the condition PodScheduled. */
export function schedulerReasons(message: string, nodes: number): Reasons {
	const [, text] =
		/^0\/\d+ nodes are available: (.*?)\.(?: (?:no new claims|preemption:|not found).*)?$/.exec(message) ?? [];
	if (text === undefined) throw new Error(`not a message of the scheduler's: ${message}`);
	if (!/^\d/.test(text)) return { [text]: nodes };
	const counted = text
		.split(", ")
		.map((part) => [part.slice(part.indexOf(" ") + 1), Number.parseInt(part, 10)] as const);
	return Object.fromEntries(counted.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** The same from our verdicts; which taint it is we say in addition. */
export function ourReasons(verdicts: Iterable<Verdict>): Reasons {
	const counts = new Map<string, number>();
	for (const verdict of verdicts) {
		const reasons = verdict.feasible ? [PASSED] : verdict.message.replace(/ \{.*\}$/, "").split(", ");
		for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
	}
	return Object.fromEntries([...counts].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
