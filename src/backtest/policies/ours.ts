import { HOSTNAME_KEY } from "../../core/cluster/node.ts";
import type { Workload } from "../../core/cluster/workload.ts";
import { FEASIBLE } from "../../core/feasibility/verdict.ts";
import { standingOf } from "../../core/migration/history.ts";
import type { Migration } from "../../core/migration/migration.ts";
import type { Policy } from "../../core/policy/policy.ts";
import type { Prediction } from "../../core/prediction/prediction.ts";
import type { RecommendationInput } from "../../core/recommendation/guard.ts";
import { recommend } from "../../core/recommendation/recommend.ts";
import type { Streak } from "../../core/recommendation/streak.ts";
import { succeeded } from "../history.ts";
import { tracedWorkload } from "../workload.ts";
import type { Choice, PlacementPolicy, PolicyContext, Sight } from "./policy.ts";

/** Moves that are kept per workload, as the controller keeps them. */
const KEPT = 10;

/**
 * The core's own `recommend`, with its memory from tick to tick and what its earlier moves leave behind.
 * Every node of the trace can take the workload and is a domain of its own.
 */
export function ours({ policy, workload: name }: PolicyContext): PlacementPolicy {
	const workload = tracedWorkload(name);
	const placed: Policy = { ...policy, placement: { ...policy.placement, topologyKey: HOSTNAME_KEY } };
	const history: Migration[] = [];
	let memory: Streak | undefined;
	return {
		decide(sight) {
			const input = inputOf(sight, { policy: placed, workload, history, memory });
			const { decision, recommended, streak } = recommend(input);
			memory = streak;
			if (decision.action !== "Move" || !recommended) return undefined;
			const node = sight.nodes.find(recommended.node);
			if (node === undefined) return undefined;
			if (history.length === KEPT) history.shift();
			history.push(succeeded({ workload: workload.key, from: input.current.domain, to: recommended.node }, sight.time));
			return { node, reason: `${decision.reason}: ${decision.message}` } satisfies Choice;
		},
	};
}

interface Standpoint {
	readonly policy: Policy;
	readonly workload: Workload;
	readonly history: readonly Migration[];
	readonly memory: Streak | undefined;
}

function inputOf(sight: Sight, { policy, workload, history, memory }: Standpoint): RecommendationInput {
	const { current, measured, nodes, present, time } = sight;
	const name = nodes.names[current] as string;
	const { metric } = policy.objective;
	return {
		policy,
		workload,
		current: {
			node: name,
			domain: name,
			measured,
			predicted: present.includes(current) ? predictionOf(sight, current) : undefined,
		},
		occupied: new Set([name]),
		candidates: present.map((node) => ({
			node: nodes.names[node] as string,
			domain: nodes.names[node] as string,
			verdict: FEASIBLE,
			predicted: predictionOf(sight, node),
			rank: undefined,
		})),
		unknown: measured.known
			? undefined
			: {
					reason: measured.reason === "Stale" ? "MetricsStale" : "MetricsAbsent",
					message: `${metric} of this workload is not measured (${measured.reason})`,
				},
		standing: standingOf(workload.key, history, policy, time),
		disruption: undefined,
		streak: memory,
		dataAt: measured.known ? time : undefined,
		now: time,
	};
}

/** Without an interval the core learns the noise of the predictions itself. */
function predictionOf({ predicted, lower, upper }: Sight, node: number): Prediction | undefined {
	const value = predicted[node] as number;
	if (Number.isNaN(value)) return undefined;
	const low = lower?.[node] ?? Number.NaN;
	const high = upper?.[node] ?? Number.NaN;
	return low <= value && value <= high ? { value, lower: low, upper: high } : { value, lower: value, upper: value };
}
