import { NodeTable } from "../../../src/core/features/node-table.ts";
import type { EstimateInputs } from "../../../src/core/features/observed.ts";
import type { Situation } from "../../../src/core/features/situation.ts";
import { APP, inputsOf, LATENCY, NOW, type TestWorld } from "../prediction/world.ts";

/** What estimates read, of a world. */
export function observe(world: TestWorld): EstimateInputs {
	const inputs = inputsOf(world);
	return { metrics: inputs.metrics, nodes: new NodeTable(inputs), now: NOW };
}

/** An app that runs nowhere and wants its latency low, unless told otherwise. */
export function situation(more: Partial<Situation> = {}): Situation {
	return {
		workload: APP,
		objective: LATENCY,
		currentNodes: new Map(),
		settledSince: undefined,
		cpuRequest: 0.5,
		cpuLimit: undefined,
		currentCpuLimit: undefined,
		replicas: 1,
		...more,
	};
}

export const ON_A = { currentNodes: new Map([["a", 1]]) };
