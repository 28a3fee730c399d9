import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { podToPlace } from "../../../src/core/evaluation/assess.ts";
import { feasibilityColumn } from "../../../src/core/feasibility/column.ts";
import type { ModelRegistry } from "../../../src/core/model/model.ts";
import { predict } from "../../../src/core/prediction/predict.ts";
import { prepare } from "../../../src/core/prediction/preparation.ts";
import { placesOf } from "../../../src/core/recommendation/candidates.ts";
import { bestDomain } from "../../../src/core/recommendation/rank.ts";
import { headroomModels } from "../prediction/world.ts";
import {
	admit,
	CART,
	HOSTNAME,
	incoming,
	newPlacer,
	policy,
	registryOf,
	type TestNode,
	type TestView,
	viewOf,
	workload,
} from "./world.ts";

let models: ModelRegistry;

beforeAll(async () => {
	models = registryOf(await headroomModels());
});

/** What the timer's functions, asked about every node, would choose. */
async function bestByTimer(view: TestView): Promise<string | undefined> {
	const governing = view.cluster.policies.get("shop/fast") ?? policy();
	const resolution = models.resolve(governing.model, governing.objective);
	if (resolution.refused) throw new Error(resolution.message);
	const nodes = [...view.cluster.nodes.keys()];
	const request = {
		workload: CART,
		policy: governing,
		model: resolution.model,
		nodes,
		currentNodes: new Map<string, number>(),
		cpuRequest: 0.5,
		replicas: 1,
	};
	const [result] = await predict([request], prepare(view));
	if (!result?.known) return undefined;
	const pod = { ...podToPlace({ workload: workload(), pods: [] }), labels: incoming().labels };
	const context = { cluster: view.cluster, ledger: view.ledger, candidates: {}, topologyKey: HOSTNAME };
	const feasibility = feasibilityColumn(pod, context, nodes);
	return bestDomain({ ...placesOf(nodes, nodes), feasibility, predictions: result.table }, governing)?.domain;
}

const node: fc.Arbitrary<TestNode> = fc.record(
	{
		cpu: fc.double({ min: 0, max: 4, noNaN: true }),
		unschedulable: fc.boolean(),
		allocatable: fc.record({ cpu: fc.constantFrom(1, 2, 4), pods: fc.constantFrom(1, 2, 110) }),
	},
	{ requiredKeys: ["allocatable"] },
);

test("property: every admission goes where a full evaluation of all nodes would put it", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(node, { minLength: 1, maxLength: 6 }),
			fc.integer({ min: 1, max: 8 }),
			async (given, pods) => {
				const nodes = Object.fromEntries(given.map((node, index) => [`n${index}`, node]));
				const view = viewOf(nodes, models);
				// Of one replica, since siblings keep apart.
				view.cluster.workloads.set(CART, workload({ replicas: 1 }));
				const placer = newPlacer();
				for (let index = 0; index < pods; index++) {
					const expected = await bestByTimer(view);
					const [decision] = await admit(placer, view, 1);
					expect(decision?.kind === "Place" ? decision.domain : undefined).toBe(expected);
				}
			},
		),
		{ numRuns: 60 },
	);
});
