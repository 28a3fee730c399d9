import { describe, expect, it } from "vitest";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import { migrationIn, migrationsOf, nodeOf, reportThat, watchAvailability } from "./harness/workloads.ts";

const COOLDOWN_SECONDS = 12;

const stage = useStage({
	nodes: [{ name: "node-1" }, { name: "node-2" }, { name: "node-3" }],
	world: {
		nodes: { "node-1": { background: 0.5 }, "node-2": { background: 2 }, "node-3": { background: 3 } },
		apps: { web: { serviceTime: "20ms", arrivalRate: 20 } },
	},
	// Long enough to kill the controller while a rollout is under way.
	cluster: { containerStartupSeconds: 4 },
});

const WEB = ["shop", "web"] as const;

describe("a restart of the controller", () => {
	it("in mid-migration continues it: the template is changed once", async () => {
		await stage.apply(
			namespace("shop"),
			policy("shop", { rebalance: { cooldown: `${COOLDOWN_SECONDS}s` } }),
			deployment({ namespace: "shop", name: "web" }),
		);
		expect(await nodeOf(stage, ...WEB)).toBe("node-1");
		await reportThat(stage, WEB, "its measured latency", ({ current }) => current.measured !== undefined);
		const watch = await watchAvailability(stage, ...WEB);
		const [generation] = watch.generations;
		stage.world.update({ nodes: { "node-1": { background: 7.6 } } });
		const begun = await migrationIn(stage, WEB, ["Rolling"]);
		await stage.controllers[0]?.kill();
		expect((await migrationIn(stage, WEB, ["Rolling"])).metadata.uid).toBe(begun.metadata.uid);
		await stage.restart();

		const moved = await migrationIn(stage, WEB, ["Succeeded", "Failed", "Reverted"], 45_000);
		watch.stop();
		expect(moved).toMatchObject({
			metadata: { uid: begun.metadata.uid },
			status: { phase: "Succeeded", from: "node-1", to: "node-2", promised: begun.status?.promised },
		});
		expect(moved.status?.startedAt).toBe(begun.status?.startedAt);
		expect(await nodeOf(stage, ...WEB)).toBe("node-2");
		expect([...watch.generations]).toEqual([generation, (generation ?? 0) + 1]);
		expect(await stage.api.list("ReplicaSet", "shop", "app=web")).toHaveLength(2);
		expect(watch.least).toBe(1);
		expect(await migrationsOf(stage, ...WEB)).toHaveLength(1);
	});

	it("does not shorten the cooldown", async () => {
		await stage.controllers[0]?.kill();
		stage.world.update({ nodes: { "node-2": { background: 7.6 } } });
		await stage.restart();
		await reportThat(stage, WEB, "that it cools down", ({ decision }) => decision.reason === "CoolingDown");
		const [first, second] = await stage.waitUntil("a second migration", async () => {
			const all = await migrationsOf(stage, ...WEB);
			return all.length > 1 ? all : undefined;
		});
		const rested = Date.parse(second?.metadata.creationTimestamp ?? "") - Date.parse(first?.status?.completedAt ?? "");
		// Creation times are whole seconds.
		expect(rested).toBeGreaterThan((COOLDOWN_SECONDS - 1) * 1000);
		expect(rested).toBeLessThan((COOLDOWN_SECONDS + 8) * 1000);
	});
});
