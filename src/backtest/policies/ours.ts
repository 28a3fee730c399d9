import { HOSTNAME_KEY } from "../../core/cluster/node.ts";
import type { Workload } from "../../core/cluster/workload.ts";
import { FEASIBLE } from "../../core/feasibility/verdict.ts";
import { standingOf } from "../../core/migration/history.ts";
import type { Migration } from "../../core/migration/migration.ts";
import type { Policy } from "../../core/policy/policy.ts";
import type { PredictionTable } from "../../core/prediction/prediction.ts";
import { type CandidateTable, placesOf, predictedAt } from "../../core/recommendation/candidates.ts";
import type { RecommendationInput } from "../../core/recommendation/guard.ts";
import { emptyMemory, type Memory } from "../../core/recommendation/memory.ts";
import { recommend } from "../../core/recommendation/recommend.ts";
import { succeeded } from "../history.ts";
import { tracedWorkload } from "../workload.ts";
import type { PlacementPolicy, PolicyContext, Sight } from "./policy.ts";

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
	const places = new PlacesOfTicks();
	let memory: Memory = emptyMemory();
	return {
		decide(sight) {
			const candidates = candidatesOf(sight, places, memory);
			const input = inputOf(sight, candidates, { policy: placed, workload, history, memory });
			const { decision, recommended, streak } = recommend(input);
			memory = { ...memory, streak };
			if (decision.action !== "Move" || !recommended) return undefined;
			const node = sight.nodes.find(recommended.node);
			if (node === undefined) return undefined;
			if (history.length === KEPT) history.shift();
			history.push(succeeded({ workload: workload.key, from: input.current.domain, to: recommended.node }, sight.time));
			return { node, reason: `${decision.reason}: ${decision.message}` };
		},
	};
}

/** The same list of places while the rows of ticks name the same nodes: the core remembers by list. */
class PlacesOfTicks {
	private present: readonly number[] = [];
	private places = placesOf([], []);

	of({ present, nodes }: Sight) {
		const isSame =
			present.length === this.present.length && present.every((node, index) => node === this.present[index]);
		if (!isSame) {
			const names = present.map((node) => nodes.names[node] as string);
			this.present = present;
			this.places = placesOf(names, names);
		}
		return this.places;
	}
}

const ALL_FEASIBLE = { isFeasible: () => true, verdict: () => FEASIBLE };

/** Predictions of a trace come one by one: none shares its measurements with the one before. */
function candidatesOf(sight: Sight, places: PlacesOfTicks, { levels }: Memory): CandidateTable {
	const own = places.of(sight);
	const table = tableOf(sight, own.nodes);
	levels.observe(table, { dataAt: sight.time, windowSeconds: 0 });
	return { ...own, feasibility: ALL_FEASIBLE, predictions: levels.smooth(table) };
}

/** Without an interval the core learns the noise of the predictions itself. */
function tableOf({ present, predicted, lower, upper }: Sight, nodes: readonly string[]): PredictionTable {
	const table = {
		nodes,
		value: new Float32Array(nodes.length),
		lower: new Float32Array(nodes.length),
		upper: new Float32Array(nodes.length),
		extrapolated: new Uint8Array(nodes.length),
	};
	for (const [index, node] of present.entries()) {
		const value = predicted[node] as number;
		const low = lower?.[node] ?? Number.NaN;
		const high = upper?.[node] ?? Number.NaN;
		const isInterval = low <= value && value <= high;
		table.value[index] = value;
		table.lower[index] = isInterval ? low : value;
		table.upper[index] = isInterval ? high : value;
	}
	return table;
}

interface Standpoint {
	readonly policy: Policy;
	readonly workload: Workload;
	readonly history: readonly Migration[];
	readonly memory: Memory;
}

function inputOf(
	{ current, measured, nodes, time }: Sight,
	candidates: CandidateTable,
	{ policy, workload, history, memory }: Standpoint,
): RecommendationInput {
	const name = nodes.names[current] as string;
	const index = candidates.nodes.indexOf(name);
	const message = `${policy.objective.metric} of this workload is not measured`;
	return {
		policy,
		workload,
		current: { node: name, domain: name, measured, predicted: predictedAt(candidates, index) },
		occupied: new Set([name]),
		candidates,
		unknown: measured.known
			? undefined
			: { reason: measured.reason === "Stale" ? "MetricsStale" : "MetricsAbsent", message },
		standing: standingOf(workload.key, history, policy, time),
		disruption: undefined,
		streak: memory.streak,
		dataAt: time,
		now: time,
	};
}
