import type { RealNodeSpec } from "../../test/real-nodes/types.ts";

/** What is done to one app, on nodes of real kubelets: each of these alone, one after the other. */

/** CPU of a pod in millicores; absent: none asked for, none set. */
export interface Cpu {
	readonly request?: number;
	readonly limit?: number;
}

export interface Situation {
	readonly name: string;
	readonly what: string;
	readonly node: "whole" | "slow";
	readonly app: Cpu;
	/** A pod on the same node that burns all it gets; absent: nobody. */
	readonly neighbour?: Cpu;
}

/**
 * The nodes, and the cores that pods get on each. `whole` has a CPU of its own unless told otherwise; the others share theirs by
 * a quota, which is handed out anew every 5 ms. `home` is where the app is, without a neighbour or a limit, when it is asked what
 * it would be elsewhere.
 */
export function nodesOf(whole: number): readonly RealNodeSpec[] {
	return [
		{ name: "home", speed: 0.45 },
		{ name: "whole", speed: whole },
		{ name: "slow", speed: 0.3 },
	];
}

/** A request costs 5 ms of CPU, 20 of them come in a second: a tenth of a CPU, and a little for HTTP. */
export const APP = { costMilliseconds: 5, rate: 20, request: 150 } as const;

const ASKS: Cpu = { request: APP.request };

/** What everything else is compared with. */
export const ALONE = "alone";

export const SITUATIONS: readonly Situation[] = [
	{ name: ALONE, what: "alone", node: "whole", app: ASKS },
	{ name: "limit-wide", what: "limit 400m", node: "whole", app: { ...ASKS, limit: 400 } },
	{ name: "limit-tight", what: "limit 160m", node: "whole", app: { ...ASKS, limit: 160 } },
	{ name: "limit-below", what: "limit 80m", node: "whole", app: { request: 80, limit: 80 } },
	{ name: "best-effort", what: "BestEffort burner", node: "whole", app: ASKS, neighbour: {} },
	{ name: "equal", what: "burner, request 150m", node: "whole", app: ASKS, neighbour: { request: 150 } },
	{ name: "double", what: "burner, request 300m", node: "whole", app: ASKS, neighbour: { request: 300 } },
	{
		name: "limited",
		what: "burner, request and limit 300m",
		node: "whole",
		app: ASKS,
		neighbour: { request: 300, limit: 300 },
	},
	{ name: "no-request", what: "BestEffort app, burner 500m", node: "whole", app: {}, neighbour: { request: 500 } },
	{ name: "slow", what: "alone on the slow node", node: "slow", app: ASKS },
	{ name: "slow-best-effort", what: "slow node, BestEffort burner", node: "slow", app: ASKS, neighbour: {} },
	{ name: "slow-equal", what: "slow node, burner 150m", node: "slow", app: ASKS, neighbour: { request: 150 } },
];

/** So many times slower is a cliff: how many times does not matter any more. */
export const CLIFF = 10;

/** What should be so, of what takes longer in one situation than in another. */
export interface Expectation {
	readonly what: string;
	readonly worse: string;
	readonly better: string;
	/** Times. */
	readonly atLeast?: number;
	readonly atMost?: number;
}

export const EXPECTATIONS: readonly Expectation[] = [
	{ what: "a BestEffort neighbour hardly hurts", worse: "best-effort", better: ALONE, atMost: 2 },
	{ what: "a neighbour with requests hurts", worse: "equal", better: ALONE, atLeast: 1.3 },
	{ what: "it hurts more than a BestEffort one", worse: "equal", better: "best-effort", atLeast: 1.1 },
	{ what: "it hurts more, the more it asked for", worse: "double", better: "equal", atLeast: 1.2 },
	{ what: "a neighbour that is limited hurts less", worse: "double", better: "limited", atLeast: 1 },
	{ what: "a BestEffort app beside one with requests starves", worse: "no-request", better: ALONE, atLeast: CLIFF },
	{ what: "a limit well above demand costs little", worse: "limit-wide", better: ALONE, atMost: 1.5 },
	{ what: "a limit just above demand costs more", worse: "limit-tight", better: "limit-wide", atLeast: 1.1 },
	{ what: "a limit below demand is a cliff", worse: "limit-below", better: ALONE, atLeast: CLIFF },
	{ what: "a slow node is slower", worse: "slow", better: ALONE, atLeast: 1.5 },
	{ what: "a neighbour with requests hurts there, too, ...", worse: "slow-equal", better: "slow", atLeast: 1.5 },
	{ what: "... more than a BestEffort one", worse: "slow-equal", better: "slow-best-effort", atLeast: 1.1 },
];
