import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { HOSTNAME_KEY } from "../../../src/core/cluster/node.ts";
import type { Workload } from "../../../src/core/cluster/workload.ts";
import { pinOf, placementOf } from "../../../src/core/migration/annotations.ts";
import { advance } from "../../../src/core/migration/life-cycle.ts";
import { isFinished } from "../../../src/core/migration/migration.ts";
import { DEFAULT_TIMING } from "../../../src/core/migration/observation.ts";
import { MINUTE, node, pod, policy, scheduling } from "../cluster-core/builders.ts";
import { ApiServer } from "./api-server.ts";
import { afterwards, evaluation, look, type Measured, observation, rolledOut, STEP_MS } from "./observing.ts";

let server: ApiServer;

beforeEach(() => {
	server = new ApiServer();
});

describe("a move of a single replica", () => {
	it("pins, rolls out, verifies and succeeds with evidence", () => {
		look(server, 0);
		expect(server.state()).toBe("Rolling Patching");
		expect(server.selector()).toBe("b");
		expect(placementOf(server.workload.template.annotations)).toMatchObject({
			domain: "b",
			migration: "move",
			predicted: 60,
		});
		expect(server.migration.status).toMatchObject({ from: "a", to: "b", measuredBefore: 150, startedAt: 0 });
		look(server, 1000);
		expect(server.state()).toBe("Rolling RollingOut");
		server.rollOut();
		look(server, MINUTE);
		expect(server.state()).toBe("Verifying RolledOut");
		look(server, 5 * MINUTE, { measured: afterwards(62) });
		expect(server.state()).toBe("Verifying RolledOut");
		look(server, 6 * MINUTE, { measured: afterwards(62) });
		expect(server.state()).toBe("Succeeded AsPromised");
		expect(server.migration.status).toMatchObject({ measured: 62, rolledOutAt: MINUTE, completedAt: 6 * MINUTE });
		expect(server.countOf("PinWorkload")).toBe(1);
	});

	it("goes back when it is measured worse, and tells where from", () => {
		rolledOut(server);
		look(server, 6 * MINUTE, { measured: afterwards(180) });
		expect(server.state()).toBe("Verifying WorseThanBefore");
		expect(server.selector()).toBe("a");
		look(server, 6 * MINUTE + 1, { measured: afterwards(180) });
		expect(server.state()).toBe("Reverted WorseThanBefore");
		expect(server.migration.status.measured).toBe(180);
		expect(placementOf(server.workload.template.annotations)?.reverts).toBe("move");
		expect(server.countOf("PinWorkload")).toBe(2);
	});

	it("is let go entirely when the node it came from is lost too", () => {
		rolledOut(server);
		server.nodes = [node("a", { ready: false }), node("b"), node("c")];
		look(server, 6 * MINUTE, { measured: afterwards(180) });
		expect(server.selector()).toBeUndefined();
		expect(pinOf(server.workload)).toBeUndefined();
	});

	it("stays where it is worse if the policy says so, and calls that a failure", () => {
		server.policy = policy({ rebalance: { ...server.policy.rebalance, onWorse: "Keep" } });
		rolledOut(server);
		look(server, 6 * MINUTE, { measured: afterwards(180) });
		expect(server.state()).toBe("Failed WorseKept");
		expect(server.migration.status.measured).toBe(180);
		expect(server.selector()).toBe("b");
	});

	it.each([
		["within the promise", 69, "Succeeded AsPromised"],
		["above the promise and better than before", 120, "Succeeded NotWorse"],
		["worse by less than noise", 152, "Succeeded NotWorse"],
		["worse", 160, "Verifying WorseThanBefore"],
	])("measured %s", (_title, value, expected) => {
		rolledOut(server);
		look(server, 6 * MINUTE, { measured: afterwards(value) });
		expect(server.state()).toBe(expected);
	});

	it("does not take a promise kept for a loss, though it was calmer before", () => {
		look(server, 0, { measured: () => 40 });
		server.rollOut();
		look(server, MINUTE, { measured: () => 40 });
		look(server, 6 * MINUTE, { measured: (time) => (time <= 0 ? 40 : 65) });
		expect(server.state()).toBe("Succeeded AsPromised");
	});

	it("never claims a success that nobody measured", () => {
		rolledOut(server);
		look(server, 6 * MINUTE, { measured: afterwards(undefined) });
		expect(server.state()).toBe("Verifying RolledOut");
		look(server, 11 * MINUTE, { measured: afterwards(undefined) });
		expect(server.state()).toBe("Succeeded MeasurementUnknown");
		expect(server.migration.status.measured).toBeUndefined();
		expect(server.migration.status.message).toContain("not verified");
	});
});

describe("a move that cannot be finished", () => {
	it.each<[string, () => void, number, string]>([
		[
			"the progress deadline",
			() => server.changeWorkload({ progressDeadlineExceeded: true }),
			MINUTE,
			"ProgressDeadlineExceeded",
		],
		["the target's death", () => (server.nodes = [node("a"), node("b", { ready: false })]), MINUTE, "TargetLost"],
		[
			"the target's cordon",
			() => (server.nodes = [node("a"), node("b", { unschedulable: true })]),
			MINUTE,
			"TargetLost",
		],
		["a lack of room", () => (server.pods = [stuckPod()]), MINUTE, "Unschedulable"],
		["time", () => {}, DEFAULT_TIMING.rollout + 1, "RolloutTimeout"],
	])("is undone by %s", (_title, happens, at, reason) => {
		look(server, 0);
		happens();
		look(server, at);
		expect(server.state()).toBe(`Rolling ${reason}`);
		expect(server.selector()).toBeUndefined();
		expect(server.workload.annotations).toEqual({});
		look(server, at + 1);
		expect(server.state()).toBe(`Failed ${reason}`);
		expect(server.countOf("ReleaseWorkload")).toBe(1);
	});

	function stuckPod() {
		const pinned = scheduling({ nodeSelector: { [HOSTNAME_KEY]: "b" } });
		return pod("new", { workload: "shop/web", unschedulableSince: 0, scheduling: pinned });
	}

	it("puts an earlier pin of ours back", () => {
		rolledOut(server);
		look(server, 6 * MINUTE, { measured: afterwards(60) });
		server.others = [server.migration];
		server.migration = {
			...server.migration,
			uid: "second",
			name: "second",
			to: "a",
			override: ["Cooldown", "MinGain", "Confidence"],
			status: { ...server.migration.status, phase: undefined },
		};
		const there = {
			node: "b",
			domain: "b",
			measured: { known: false, reason: "Absent" },
			predicted: undefined,
		} as const;
		const step = lookFrom(there, 40 * MINUTE);
		expect(step.status.phase).toBe("Rolling");
		expect(server.selector()).toBe("a");
		server.nodes = [node("a", { ready: false }), node("b")];
		look(server, 41 * MINUTE);
		expect(server.selector()).toBe("b");
		expect(pinOf(server.workload)).toMatchObject({ domain: "b", restore: undefined });
	});

	function lookFrom(current: ReturnType<typeof evaluation>["current"], now: number) {
		const seen = { ...observation(server, now), evaluation: evaluation({ observedAt: now, current }) };
		const step = advance(server.migration, seen, now);
		server.execute(step.commands);
		return step;
	}

	it("ends when somebody else changes the placement, and leaves that alone", () => {
		look(server, 0);
		look(server, 1);
		server.changeWorkload({ template: { ...server.workload.template, annotations: {}, scheduling: scheduling() } });
		look(server, 2);
		expect(server.state()).toBe("Failed Overwritten");
		expect(server.countOf("PinWorkload") + server.countOf("ReleaseWorkload")).toBe(1);
	});

	it("gives up when the template cannot be patched", () => {
		look(server, 0, { limit: 1 });
		look(server, DEFAULT_TIMING.patch + 1);
		expect(server.state()).toBe("Failed PatchNotApplied");
	});
});

describe("a move of several replicas", () => {
	it("rolls the template and lets admission place each pod", () => {
		server.workload = {
			...server.workload,
			replicas: 3,
			strategy: { type: "RollingUpdate", maxSurge: 1, maxUnavailable: 0 },
		} satisfies Workload;
		rolledOut(server);
		expect(server.countOf("RollWorkload")).toBe(1);
		expect(server.selector()).toBeUndefined();
		look(server, 6 * MINUTE, { measured: afterwards(180) });
		expect(server.countOf("ReleaseWorkload")).toBe(1);
		look(server, 7 * MINUTE);
		expect(server.state()).toBe("Reverted WorseThanBefore");
		expect(server.workload.template.annotations).toEqual({});
	});

	it("pins it whole where the domain holds several nodes", () => {
		server.nodes = [node("a", { labels: { zone: "a" } }), node("b", { labels: { zone: "b" } })];
		server.policy = policy({ placement: { ...server.policy.placement, topologyKey: "zone" } });
		server.workload = { ...server.workload, replicas: 3 };
		look(server, 0);
		expect(server.workload.template.scheduling.nodeSelector).toEqual({ zone: "b" });
	});
});

type Happening =
	| { readonly kind: "look"; readonly limit: number }
	| { readonly kind: "hold" | "refresh" | "rollOut" | "touch" | "lose" | "cancel" };

const happenings = fc.array(
	fc.oneof(
		{ weight: 6, arbitrary: fc.record({ kind: fc.constant("look" as const), limit: fc.nat(3) }) },
		{ weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("hold", "refresh", "refresh", "rollOut", "touch") }) },
		{ weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("lose", "cancel") }) },
	),
	{ minLength: 5, maxLength: 40 },
) as fc.Arbitrary<Happening[]>;

describe("whatever crashes, whenever", () => {
	it("patches at most once forth and at most once back, and ends", () => {
		fc.assert(
			fc.property(happenings, fc.constantFrom(60, 180, undefined), (events, after) => {
				server = new ApiServer();
				const measured = afterwards(after);
				let now = 0;
				let lag = 0;
				for (const event of events) {
					now += STEP_MS / 3;
					// Caches may lag, but not as long as a patch may take to show.
					lag = event.kind === "hold" ? 0 : lag + STEP_MS / 3;
					if (lag > DEFAULT_TIMING.patch / 2) server.refresh();
					happen(event, now, measured);
				}
				server.refresh();
				for (let rest = 0; rest < 100 && !isFinished(server.migration); rest += 1) {
					now += STEP_MS;
					server.rollOut();
					look(server, now, { measured });
				}
				const pins = server.applied.filter((command) => command.kind === "PinWorkload");
				const forth = pins.filter(({ placement }) => placement.migration !== undefined);
				const back = pins.length - forth.length + server.countOf("ReleaseWorkload");
				expect(forth.length).toBeLessThanOrEqual(1);
				expect(back).toBeLessThanOrEqual(forth.length);
				expect(isFinished(server.migration)).toBe(true);
				// What is told is what stands.
				const { phase, measured: found } = server.migration.status;
				if (phase === "Succeeded") expect([server.selector(), found]).toEqual(["b", after]);
				else expect(server.selector()).not.toBe("b");
			}),
			{ numRuns: 300 },
		);
	});

	function happen(event: Happening, now: number, measured: Measured): void {
		if (event.kind === "look") look(server, now, { measured, limit: event.limit });
		else if (event.kind === "touch") server.changeWorkload({ availableReplicas: 0 });
		else if (event.kind === "cancel") server.cancel("jane");
		else if (event.kind === "lose") server.nodes = [node("a"), node("b", { ready: false }), node("c")];
		else server[event.kind]();
	}
});
