import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WorkloadKey } from "../../../src/core/cluster/workload.ts";
import { Ledger } from "../../../src/core/features/ledger.ts";
import { type Caps, DEFAULT_CAPS } from "../../../src/core/migration/caps.ts";
import type { Migration } from "../../../src/core/migration/migration.ts";
import { type PlanInput, planCycle } from "../../../src/core/migration/plan.ts";
import type { Evaluation } from "../../../src/core/recommendation/recommendation.ts";
import { cluster, migration, workload } from "../cluster-core/builders.ts";
import { predicted } from "../recommendation/builders.ts";
import { evaluation } from "./observing.ts";

const NO_CAPS: Caps = { perCycle: 1e9, perNamespace: 1e9, perSource: 1e9, perDestination: 1e9 };

interface App {
	readonly name: string;
	readonly namespace?: string;
	readonly from?: string;
	readonly to?: string;
	readonly bound?: number;
	readonly reason?: "TargetBreached" | "GainAboveMargin";
	/** Where it goes it is within its target. */
	readonly meetsTarget?: boolean;
}

/** An evaluation that recommends a move, or to stay when the bound is not positive. */
function proposal({
	name,
	namespace = "shop",
	from = "a",
	to = "b",
	bound = 0.5,
	reason,
	meetsTarget = true,
}: App): Evaluation {
	const stays = { action: "Stay", reason: "GainNotConfident", message: "" } as const;
	return evaluation({
		workload: `${namespace}/${name}`,
		current: { ...evaluation().current, node: from, domain: from },
		recommended: { node: to, domain: to, gain: bound, gainLowerBound: bound, predicted: predicted(60), meetsTarget },
		...(reason && { decision: { action: "Move", reason, message: "" } }),
		...(bound <= 0 && { decision: stays }),
	});
}

interface World {
	readonly apps: readonly App[];
	readonly caps?: Caps;
	readonly migrations?: readonly Migration[];
	/** Takes what the ledger holds, and which domains are closed, and tells the new bound and place. */
	readonly again?: (app: App, ledger: Ledger, closed: ReadonlySet<string> | undefined) => App;
}

async function planned({ apps, caps = NO_CAPS, migrations = [], again = (app) => app }: World) {
	const ledger = new Ledger();
	const input: PlanInput = {
		evaluations: apps.map(proposal),
		cluster: cluster({
			workloads: apps.map(({ name, namespace = "shop" }) => workload(name, { namespace })),
			migrations,
		}),
		ledger,
		caps,
		reevaluate: (key: WorkloadKey, closed?: ReadonlySet<string>) => {
			const app = apps.find(({ name, namespace = "shop" }) => `${namespace}/${name}` === key);
			return Promise.resolve(app && proposal(again(app, ledger, closed)));
		},
		cpuCores: () => 0.5,
		now: 7,
	};
	const plan = await planCycle(input);
	const moves = plan.commands.map((command) =>
		command.kind === "CreateMigration" ? `${command.workload}->${command.to}` : command.kind,
	);
	const decisions = plan.evaluations.map(({ decision }) => decision.reason);
	return { moves, ledger, decisions, messages: plan.evaluations.map(({ decision }) => decision.message) };
}

describe("a cycle's plan", () => {
	it("takes the best lower bound first and reserves what it plans", async () => {
		const apps = [
			{ name: "x", bound: 0.2 },
			{ name: "y", to: "c", bound: 0.9 },
			{ name: "z", bound: 0 },
		];
		const { moves, ledger, decisions } = await planned({ apps });
		expect(moves).toEqual(["shop/y->c", "shop/x->b"]);
		expect(decisions).toEqual(["TargetBreached", "TargetBreached", "GainNotConfident"]);
		expect([...ledger.reservationsOn("c")]).toMatchObject([
			{ requests: { cpu: 1, memory: 2 ** 30, pods: 1 }, cpuCores: 0.5 },
		]);
	});

	it("evaluates again after every planned move, so that a crowd does not follow to one node", async () => {
		const apps = Array.from({ length: 6 }, (_, index) => ({ name: `app${index}`, bound: 0.5 + index / 100 }));
		const again = (app: App, ledger: Ledger): App => {
			const busy = ledger.cpuCores("b");
			return busy < 1 ? { ...app, bound: app.bound === undefined ? 0 : app.bound - busy / 10 } : { ...app, bound: 0 };
		};
		const { moves, decisions } = await planned({ apps, again });
		expect(moves).toEqual(["shop/app5->b", "shop/app4->b"]);
		expect(decisions.filter((reason) => reason === "GainNotConfident")).toHaveLength(4);
	});

	it("lets a proposal that got worse wait for one that is better now", async () => {
		const apps = [
			{ name: "x", bound: 0.9 },
			{ name: "y", bound: 0.8 },
			{ name: "z", to: "c", bound: 0.7 },
		];
		const again = (app: App) => (app.name === "y" ? { ...app, bound: 0.1 } : app);
		expect((await planned({ apps, again })).moves).toEqual(["shop/x->b", "shop/z->c", "shop/y->b"]);
	});

	it("looks again at so many and leaves the rest to another cycle, nobody being moved by what was so before", async () => {
		const apps = Array.from({ length: 200 }, (_, index) => ({ name: `app-${index}`, bound: 0.9 - index / 1000 }));
		let looks = 0;
		const again = (app: App) => {
			looks += 1;
			return { ...app, bound: 0.5 };
		};
		const { moves, decisions, messages } = await planned({ apps, again });
		expect(looks).toBe(50);
		expect(moves).toEqual(["shop/app-0->b", "shop/app-1->b"]);
		expect(decisions.filter((reason) => reason === "CapReached")).toHaveLength(198);
		expect(messages.at(-1)).toBe("this cycle has had its 50 second looks");
	});

	it("goes with what the second look recommends", async () => {
		const apps = [
			{ name: "x", bound: 0.9 },
			{ name: "y", bound: 0.8 },
		];
		const again = (app: App) => ({ ...app, to: "d" });
		expect((await planned({ apps, again })).moves).toEqual(["shop/x->b", "shop/y->d"]);
	});

	it.each<[keyof Caps, readonly App[], string]>([
		["perCycle", [{ name: "y", namespace: "n", from: "c", to: "d" }], "this cycle has its 1 moves"],
		["perNamespace", [{ name: "y", from: "c", to: "d" }], "namespace shop has its 1 moves of this cycle"],
		["perSource", [{ name: "y", namespace: "n", to: "d" }], "1 moves away from a are under way"],
		["perDestination", [{ name: "y", namespace: "n", from: "c" }], "1 moves to b are under way"],
	])("holds %s, and says so", async (cap, [second], message) => {
		const apps = [
			{ name: "x", bound: 0.9 },
			{ bound: 0.1, ...(second as App) },
		];
		expect((await planned({ apps })).moves).toHaveLength(2);
		const { moves, decisions, messages } = await planned({ apps, caps: { ...NO_CAPS, [cap]: 1 } });
		expect(moves).toEqual(["shop/x->b"]);
		expect(decisions).toEqual(["TargetBreached", "CapReached"]);
		expect(messages[1]).toBe(message);
	});

	describe("when the best place can take no more", () => {
		const one = { ...NO_CAPS, perDestination: 1 };
		const apps = ["x", "y", "z"].map((name, index) => ({ name, bound: 0.9 - index / 10 }));
		/** `b` before `c`, and nothing else is better than where they are. */
		function elsewhere(app: App, _: Ledger, closed: ReadonlySet<string> | undefined): App {
			const to = ["b", "c"].find((domain) => !closed?.has(domain));
			return to === undefined ? { ...app, bound: 0 } : { ...app, to };
		}

		it("sends what misses its target to the next best one, and leaves the rest to another cycle", async () => {
			const { moves, decisions, messages } = await planned({ apps, caps: one, again: elsewhere });
			expect(moves).toEqual(["shop/x->b", "shop/y->c"]);
			expect(decisions).toEqual(["TargetBreached", "TargetBreached", "CapReached"]);
			expect(messages[2]).toMatch("1 moves to");
		});

		/** The same, but only `b` is within the target. */
		function missing(...[app, ledger, closed]: Parameters<typeof elsewhere>): App {
			const other = elsewhere(app, ledger, closed);
			return { ...other, meetsTarget: other.to === "b" };
		}

		it("lets it wait for the best one where the next best misses the target too", async () => {
			const { moves, decisions, messages } = await planned({ apps, caps: one, again: missing });
			expect(moves).toEqual(["shop/x->b"]);
			expect(decisions).toEqual(["TargetBreached", "CapReached", "CapReached"]);
			expect(messages[1]).toMatch("1 moves to");
		});

		it("lets no more wait than get their turn in two cycles", async () => {
			const many = ["u", "v", "w", "x", "y"].map((name, index) => ({ name, bound: 0.9 - index / 10 }));
			const { moves, decisions } = await planned({ apps: many, caps: one, again: missing });
			expect(moves).toEqual(["shop/u->b", "shop/x->c"]);
			expect(decisions).toEqual(["TargetBreached", "CapReached", "CapReached", "TargetBreached", "CapReached"]);
		});

		it("lets what merely could be better wait for it", async () => {
			const calm = apps.map((app) => ({ ...app, reason: "GainAboveMargin" as const }));
			const { moves, decisions } = await planned({ apps: calm, caps: one, again: elsewhere });
			expect(moves).toEqual(["shop/x->b"]);
			expect(decisions).toEqual(["GainAboveMargin", "CapReached", "CapReached"]);
		});
	});

	it("no longer counts what is rolled out, only to be verified", async () => {
		const status = { phase: "Verifying", from: "a", to: "b" } as const;
		const arrived = migration("old", { workload: "shop/other", status });
		const caps = { ...NO_CAPS, perSource: 1, perDestination: 1 };
		expect((await planned({ apps: [{ name: "x" }], caps, migrations: [arrived] })).moves).toEqual(["shop/x->b"]);
	});

	it("counts what earlier cycles began", async () => {
		const rolling = migration("old", { workload: "shop/other", status: { phase: "Rolling", from: "z", to: "b" } });
		const done = migration("done", { workload: "shop/other", status: { phase: "Succeeded", from: "z", to: "b" } });
		const apps = [{ name: "x" }];
		const caps = { ...DEFAULT_CAPS, perDestination: 1 };
		expect((await planned({ apps, caps, migrations: [rolling] })).decisions).toEqual(["CapReached"]);
		expect((await planned({ apps, caps, migrations: [done] })).moves).toHaveLength(1);
	});

	it("never exceeds a cap, moves nobody twice and does not depend on the order", async () => {
		const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 15 });
		const cap = fc.nat(4);
		const small = fc.record({ perCycle: cap, perNamespace: cap, perSource: cap, perDestination: cap });
		const place = fc.constantFrom("a", "b", "c", "d");
		await fc.assert(
			fc.asyncProperty(
				names,
				small,
				fc.infiniteStream(
					fc.tuple(place, place, fc.constantFrom("m", "n"), fc.double({ min: -0.1, max: 1, noNaN: true })),
				),
				async (list, caps, stream) => {
					const apps = list.map((name): App => {
						const [from, to, namespace, bound] = stream.next().value as [string, string, string, number];
						return { name, from, to, namespace, bound };
					});
					const { moves } = await planned({ apps, caps });
					const count = (key: (app: App) => string | undefined) => {
						const moved = apps.filter(({ name, namespace, to }) => moves.includes(`${namespace}/${name}->${to}`));
						return Math.max(0, ...[...Map.groupBy(moved, key).values()].map((group) => group.length));
					};
					expect(moves.length).toBeLessThanOrEqual(caps.perCycle);
					expect(new Set(moves).size).toBe(moves.length);
					expect(count(({ namespace }) => namespace)).toBeLessThanOrEqual(caps.perNamespace);
					expect(count(({ from }) => from)).toBeLessThanOrEqual(caps.perSource);
					expect(count(({ to }) => to)).toBeLessThanOrEqual(caps.perDestination);
					expect((await planned({ apps: apps.toReversed(), caps })).moves).toEqual(moves);
				},
			),
		);
	});
});
