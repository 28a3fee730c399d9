/** What happens in the experiment, the same for every policy. Declared here, not drawn and not tuned per policy. */
import type { RealNodeSpec, Taint } from "../../test/real-nodes/types.ts";

export interface RealNode {
	readonly name: string;
	/** Cores that its pods get in all, and what it declares as allocatable. */
	readonly speed: number;
}

export interface App {
	readonly name: string;
	/** CPU milliseconds of a request. */
	readonly costMilliseconds: number;
	/** Requests per second, a Poisson process. */
	readonly rate: number;
	/** What its pod asks for, in millicores. */
	readonly cpuRequest: number;
	/** Mean latency in milliseconds that it may not exceed. */
	readonly target: number;
}

/** A pod that burns CPU on one node for a while. Times are seconds of the script. */
export interface Neighbour {
	readonly name: string;
	readonly node: string;
	readonly from: number;
	readonly to: number;
	/** In millicores; absent: BestEffort. */
	readonly cpuRequest?: number;
	/** In millicores; absent: all it can get. */
	readonly cpuLimit?: number;
}

/** Something that is done to a node, and undone. */
export interface Trouble {
	readonly node: string;
	readonly from: number;
	readonly to: number;
	/** Slow: its speed is `speed` meanwhile. Killed: its kubelet is gone; what runs there goes on running. */
	readonly kind: { readonly name: "Slow"; readonly speed: number } | { readonly name: "Killed" };
}

export interface Script {
	readonly seconds: number;
	/** Where apps, probes and neighbours run. */
	readonly nodes: readonly RealNode[];
	readonly apps: readonly App[];
	readonly neighbours: readonly Neighbour[];
	readonly troubles: readonly Trouble[];
}

/** A request of five times its own cost is late: an idle node of speed 0.4 needs half of that. */
const TARGET_FACTOR = 5;
const FULL_SECONDS = 900;

/** A node for the controller, as clusters have for what is theirs: nobody else tolerates its taint. */
export const CONTROL: RealNodeSpec & { readonly taints: readonly Taint[] } = {
	name: "control",
	speed: 0.3,
	taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }],
};

const NODES: readonly RealNode[] = [
	{ name: "fast", speed: 0.8 },
	{ name: "medium", speed: 0.4 },
	{ name: "slow", speed: 0.2 },
];

const APPS: readonly App[] = [
	app("checkout", { costMilliseconds: 5, rate: 5 }),
	app("catalogue", { costMilliseconds: 8, rate: 3 }),
	app("search", { costMilliseconds: 10, rate: 2.5 }),
	app("reviews", { costMilliseconds: 15, rate: 1.6 }),
	app("pictures", { costMilliseconds: 20, rate: 1.25 }),
	app("reports", { costMilliseconds: 30, rate: 0.8 }),
];

const NEIGHBOURS: readonly Neighbour[] = [
	{ name: "batch", node: "fast", from: 120, to: 360, cpuRequest: 400 },
	{ name: "scavenger", node: "fast", from: 420, to: 540 },
	{ name: "nightly", node: "fast", from: 570, to: 720, cpuRequest: 300, cpuLimit: 500 },
];

const TROUBLES: readonly Trouble[] = [
	{ node: "medium", from: 450, to: 540, kind: { name: "Slow", speed: 0.15 } },
	{ node: "medium", from: 780, to: 870, kind: { name: "Killed" } },
];

function app(name: string, { costMilliseconds, rate }: Pick<App, "costMilliseconds" | "rate">): App {
	return { name, costMilliseconds, rate, cpuRequest: 40, target: TARGET_FACTOR * costMilliseconds };
}

/**
 * The script in so many minutes: what takes 15 of them is squeezed or stretched; costs, rates and speeds stay.
 * @param until minutes after which it ends before its time; what would happen later does not
 */
export function scriptOf(minutes: number, until = minutes): Script {
	const seconds = Math.min(minutes, until) * 60;
	const factor = (minutes * 60) / FULL_SECONDS;
	const at = <T extends { readonly from: number; readonly to: number }>(event: T): T => ({
		...event,
		from: event.from * factor,
		to: event.to * factor,
	});
	const isInTime = ({ from }: { readonly from: number }): boolean => from < seconds;
	return {
		seconds,
		nodes: NODES,
		apps: APPS,
		neighbours: NEIGHBOURS.map(at).filter(isInTime),
		troubles: TROUBLES.map(at).filter(isInTime),
	};
}

/** Times at which the world changes, in seconds of the script. */
export function changesOf({ neighbours, troubles }: Pick<Script, "neighbours" | "troubles">): readonly number[] {
	return [...neighbours, ...troubles].flatMap(({ from, to }) => [from, to]).toSorted((left, right) => left - right);
}
