import { beforeAll, describe, expect, test } from "vitest";
import type { Reservation } from "../../../src/core/features/ledger.ts";
import type { ModelRegistry } from "../../../src/core/model/model.ts";
import { headroomModels } from "../prediction/world.ts";
import {
	admit,
	CART,
	domains,
	HOSTNAME,
	incoming,
	measure,
	NOW,
	newPlacer,
	noPause,
	policy,
	registryOf,
	SHOP,
	scheduling,
	viewOf,
	ZONE,
} from "./world.ts";

let models: ModelRegistry;

beforeAll(async () => {
	models = registryOf(await headroomModels());
});

describe("one pod", () => {
	test("goes to the best node, with a record of what was promised", async () => {
		const view = viewOf({ busy: { cpu: 3 }, idle: { cpu: 0.2 }, half: { cpu: 2 } }, models);
		const [decision] = await admit(newPlacer(), view, 1);
		expect(decision).toEqual({
			kind: "Place",
			topologyKey: HOSTNAME,
			domain: "idle",
			node: "idle",
			enforcement: "Required",
			record: {
				node: "idle",
				domain: "idle",
				predicted: expect.any(Number),
				policy: "fast",
				observedAt: "2026-01-01T00:00:00Z",
			},
		});
	});

	test("gets the value of the hostname label, which need not be the node's name", async () => {
		const view = viewOf({ "node-1": { cpu: 1, labels: { [HOSTNAME]: "host-1.example" } } }, models);
		expect(await admit(newPlacer(), view, 1)).toMatchObject([{ domain: "host-1.example", node: "node-1" }]);
	});

	test("stays within its own selectors, its namespace's and the policy's candidates", async () => {
		const labels = (disk: string, tier: string, site: string) => ({ disk, tier, site });
		const view = viewOf(
			{
				a: { cpu: 0.1, labels: labels("hdd", "edge", "north") },
				b: { cpu: 0.2, labels: labels("ssd", "cloud", "north") },
				c: { cpu: 0.3, labels: labels("ssd", "edge", "south") },
				d: { cpu: 3.5, labels: labels("ssd", "edge", "north") },
			},
			models,
		);
		view.cluster.namespaces.set("shop", {
			...SHOP,
			annotations: { "scheduler.alpha.kubernetes.io/node-selector": "tier=edge" },
		});
		const placement = { ...policy().placement, candidates: { matchLabels: { site: "north" } } };
		view.cluster.policies.set("shop/fast", policy({ placement }));
		const own = scheduling({ nodeSelector: { disk: "ssd" } });
		expect(domains(await admit(newPlacer(), view, 1, { scheduling: own }))).toEqual(["d"]);
	});

	test("avoids nodes that are full, cordoned, tainted, not ready, unmeasured or gone", async () => {
		const view = viewOf(
			{
				full: { cpu: 0.1, allocatable: { cpu: 0.4, pods: 110 } },
				cordoned: { cpu: 0.1, unschedulable: true },
				tainted: { cpu: 0.1, taints: [{ key: "gpu", value: "", effect: "NoSchedule" }] },
				unready: { cpu: 0.1, ready: false },
				unmeasured: {},
				gone: { cpu: 0.1 },
				left: { cpu: 3 },
			},
			models,
		);
		const placer = newPlacer();
		await placer.warm(view, noPause);
		view.cluster.nodes.delete("gone");
		expect(domains(await admit(placer, view, 1))).toEqual(["left"]);
	});

	test("does not land again where a move went wrong", async () => {
		const view = viewOf({ a: { cpu: 0.1 }, b: { cpu: 3 } }, models);
		const reverted = {
			namespace: "shop",
			name: "cart-1",
			uid: "m-1",
			resourceVersion: "1",
			createdAt: NOW - 60_000,
			workload: CART,
			to: "a",
			override: [],
			reason: "",
			requestedBy: "",
			automatic: true,
			cancelledBy: undefined,
			status: {
				phase: "Reverted",
				from: "b",
				to: "a",
				promised: undefined,
				measuredBefore: undefined,
				measured: undefined,
				startedAt: NOW - 50_000,
				rolledOutAt: NOW - 40_000,
				completedAt: NOW - 1000,
				reason: "WorseThanBefore",
				message: undefined,
			},
		} as const;
		view.cluster.migrations.set("shop/cart-1", reverted);
		expect(domains(await admit(newPlacer(), view, 1))).toEqual(["b"]);
	});
});

describe("the ledger", () => {
	test("holds what the pod will need, under the review's uid", async () => {
		const view = viewOf({ fast: { cpu: 1, labels: { "kubectl-qos.dev/speed": "2" } } }, models);
		await admit(newPlacer(), view, 1, { uid: "review-x" });
		const expected: Reservation = {
			id: "review-x",
			workload: CART,
			node: "fast",
			requests: { cpu: 0.5, pods: 1 },
			// Half a core of a reference node on a node of twice the speed.
			cpuCores: 0.25,
			createdAt: NOW,
		};
		expect([...view.ledger.reservations()]).toEqual([expected]);
	});

	test("is untouched by a dry run, and by a decision that nobody waits for any more", async () => {
		const view = viewOf({ a: { cpu: 1 }, b: { cpu: 1 } }, models);
		const placer = newPlacer();
		const signal = AbortSignal.abort();
		const dry = await placer.place(incoming({ uid: "dry" }), view, { dryRun: true });
		const late = await placer.place(incoming({ uid: "late" }), view, { dryRun: false, signal });
		expect(domains([dry, late])).toEqual(["a", "a"]);
		expect([...view.ledger.reservations()]).toEqual([]);
		expect(domains(await admit(placer, view, 1))).toEqual(["a"]);
	});
});

describe("replicas", () => {
	test("spread over equally good nodes", async () => {
		const view = viewOf({ a: { cpu: 1 }, b: { cpu: 1 }, c: { cpu: 1 } }, models);
		const decisions = await admit(newPlacer(), view, 6);
		expect(domains(decisions)).toEqual(["a", "b", "c", "a", "b", "c"]);
	});

	test("share the best node while it remains the best", async () => {
		const view = viewOf({ idle: { cpu: 0, allocatable: { cpu: 32, pods: 110 } }, busy: { cpu: 3.5 } }, models);
		expect(new Set(domains(await admit(newPlacer(), view, 4)))).toEqual(new Set(["idle"]));
	});

	test("admitted all at once go to different nodes, cold or warm", async () => {
		const nodes = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`n${index}`, { cpu: 1 }]));
		for (const isWarm of [false, true]) {
			const view = viewOf(nodes, models);
			const placer = newPlacer();
			if (isWarm) await placer.warm(view, noPause);
			const decisions = await Promise.all(
				Object.keys(nodes).map((uid) => placer.place(incoming({ uid }), view, { dryRun: false })),
			);
			expect(new Set(domains(decisions)).size).toBe(10);
		}
	});

	test("that must not be together are not, before any of them is seen bound", async () => {
		const view = viewOf({ a: { cpu: 0.1 }, b: { cpu: 3 } }, models);
		const apart = scheduling({
			requests: { cpu: 0.001 },
			podAntiAffinity: [
				{
					topologyKey: HOSTNAME,
					labelSelector: { matchLabels: { app: "cart" } },
					namespaces: [],
					namespaceSelector: undefined,
				},
			],
		});
		const decisions = await admit(newPlacer(), view, 3, { scheduling: apart });
		expect(domains(decisions)).toEqual(["a", "b", "NoFeasibleNode"]);
	});

	test("never take more than a node has, before any of them is seen bound", async () => {
		const view = viewOf({ a: { cpu: 0.1 }, b: { cpu: 3.9 } }, models);
		const decisions = await admit(newPlacer(), view, 5, { scheduling: scheduling({ requests: { cpu: 2 } }) });
		expect(domains(decisions).sort()).toEqual(["NoFeasibleNode", "a", "a", "b", "b"]);
	});
});

describe("what changes", () => {
	test("a policy takes effect at once", async () => {
		const view = viewOf({ a: { cpu: 0.1 }, b: { cpu: 3, labels: { tier: "edge" } } }, models);
		const placer = newPlacer();
		expect(domains(await admit(placer, view, 1))).toEqual(["a"]);
		const placement = { ...policy().placement, candidates: { matchLabels: { tier: "edge" } } };
		view.cluster.policies.set("shop/fast", policy({ placement, generation: 2 }));
		expect(domains(await admit(placer, view, 1))).toEqual(["b"]);
	});

	test("new measurements take effect with the next generation, warmed or not", async () => {
		for (const isWarm of [false, true]) {
			const view = viewOf({ a: { cpu: 0.1 }, b: { cpu: 2 } }, models);
			const placer = newPlacer();
			expect(domains(await admit(placer, view, 1))).toEqual(["a"]);
			const later = { ...view, now: NOW + 30_000, generation: 2 };
			measure(view.metrics, "a", 3.9, later.now);
			measure(view.metrics, "b", 0.1, later.now);
			if (isWarm) await placer.warm(later, noPause);
			expect(domains(await admit(placer, later, 1))).toEqual(["b"]);
		}
	});

	test("while the next generation is warmed the one before decides", async () => {
		const view = viewOf({ a: { cpu: 0.1 }, b: { cpu: 2 } }, models);
		const placer = newPlacer();
		await admit(placer, view, 1);
		const later = { ...view, now: NOW + 30_000, generation: 2 };
		measure(view.metrics, "a", 3.9, later.now);
		measure(view.metrics, "b", 0.1, later.now);
		const { promise, resolve } = Promise.withResolvers<void>();
		const warmed = placer.warm(later, () => promise);
		expect(domains(await admit(placer, later, 1))).toEqual(["a"]);
		resolve();
		await warmed;
		expect(domains(await admit(placer, later, 1))).toEqual(["b"]);
	});
});

describe("a topology key that nodes share", () => {
	const nodes = {
		w1: { cpu: 0.1, labels: { [ZONE]: "west" } },
		w2: { cpu: 3.8, labels: { [ZONE]: "west" } },
		e1: { cpu: 2, labels: { [ZONE]: "east" } },
		e2: { cpu: 2.1, labels: { [ZONE]: "east" } },
	};
	const placement = { topologyKey: ZONE, candidates: {}, enforcement: "Preferred" as const };

	test("a domain is as good as its worst feasible node", async () => {
		const view = viewOf(nodes, models);
		view.cluster.policies.set("shop/fast", policy({ placement }));
		expect(await admit(newPlacer(), view, 1)).toMatchObject([
			{ topologyKey: ZONE, domain: "east", enforcement: "Preferred" },
		]);
	});

	test("nodes where it cannot go do not count", async () => {
		const view = viewOf({ ...nodes, w2: { ...nodes.w2, unschedulable: true } }, models);
		view.cluster.policies.set("shop/fast", policy({ placement }));
		expect(domains(await admit(newPlacer(), view, 1))).toEqual(["west"]);
	});

	test("what was just admitted counts", async () => {
		const view = viewOf({ ...nodes, w2: { ...nodes.w2, cpu: 2.15 } }, models);
		view.cluster.policies.set("shop/fast", policy({ placement }));
		expect(domains(await admit(newPlacer(), view, 2))).toEqual(["east", "west"]);
	});
});
