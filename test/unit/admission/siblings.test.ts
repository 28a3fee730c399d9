import { beforeAll, describe, expect, test } from "vitest";
import type { ModelRegistry } from "../../../src/core/model/model.ts";
import { headroomModels } from "../prediction/world.ts";
import { admit, CART, domains, newPlacer, policy, registryOf, scheduling, viewOf, workload } from "./world.ts";

let models: ModelRegistry;
beforeAll(async () => {
	models = registryOf(await headroomModels());
});

describe("replicas of one Deployment", () => {
	test("keep apart where that costs less than the policy's smallest gain", async () => {
		const roomy = { allocatable: { cpu: 32, pods: 110 } };
		const view = viewOf({ best: { cpu: 1, ...roomy }, good: { cpu: 2, ...roomy }, busy: { cpu: 3.9 } }, models);
		const decisions = await admit(newPlacer(), view, 4, { scheduling: scheduling({ requests: { cpu: 0.001 } }) });
		expect(domains(decisions)).toEqual(["best", "good", "best", "good"]);
	});

	test("are not all on the best node while another keeps the objective", async () => {
		const apart = { scheduling: scheduling({ requests: { cpu: 0.001 } }) };
		const place = async (replicas: number, cpuOfOther: number) => {
			const best = { cpu: 0, allocatable: { cpu: 64, pods: 110 } };
			const view = viewOf({ best, other: { cpu: cpuOfOther }, busy: { cpu: 3.9 } }, models);
			view.cluster.workloads.set(CART, workload({ replicas }));
			view.cluster.policies.set("shop/fast", policy({ rebalance: { ...policy().rebalance, minGain: 0 } }));
			return domains(await admit(newPlacer(), view, 2, apart));
		};
		expect(await place(2, 1)).toEqual(["best", "other"]);
		expect(await place(3, 1)).toEqual(["best", "best"]);
		expect(await place(2, 3.5)).toEqual(["best", "best"]);
	});

	test("of an earlier template do not keep those of a new one away", async () => {
		const roomy = { allocatable: { cpu: 32, pods: 110 } };
		const view = viewOf({ best: { cpu: 1, ...roomy }, good: { cpu: 2, ...roomy } }, models);
		const placer = newPlacer();
		const of = (hash: string) => ({
			labels: { app: "cart", "pod-template-hash": hash },
			scheduling: scheduling({ requests: { cpu: 0.001 } }),
		});
		expect(domains(await admit(placer, view, 1, of("old")))).toEqual(["best"]);
		expect(domains(await admit(placer, view, 2, of("new")))).toEqual(["best", "good"]);
	});
});
