import { describe, expect, it } from "vitest";
import { HOSTNAME_KEY } from "../../../src/core/cluster/node.ts";
import {
	encodePlacement,
	PLACEMENT_KEY,
	PREVIOUS_PLACEMENT_KEY,
	previousPlacementText,
} from "../../../src/core/migration/annotations.ts";
import { advance } from "../../../src/core/migration/life-cycle.ts";
import { MINUTE, migration, node, policy, scheduling, workload } from "../cluster-core/builders.ts";
import { candidate, predicted } from "../recommendation/builders.ts";
import { ApiServer } from "./api-server.ts";
import { CANDIDATES, type EvaluationChanges, evaluation, observation } from "./observing.ts";

const NOW = 20 * MINUTE;
const ALL = ["Cooldown", "MinGain", "Confidence", "Disruption"] as const;

interface Given {
	readonly server?: (server: ApiServer) => void;
	readonly evaluation?: EvaluationChanges | null;
	readonly now?: number;
}

/** Phase, reason and message of the first look at a migration. */
function first(changes: Parameters<typeof migration>[1], given: Given = {}) {
	const { now = NOW } = given;
	const server = new ApiServer();
	server.migration = migration("move", { createdAt: NOW, ...changes });
	given.server?.(server);
	const seen = given.evaluation === null ? undefined : evaluation({ observedAt: now, ...given.evaluation });
	const { status, commands } = advance(server.migration, { ...observation(server, now), evaluation: seen }, now);
	const isPatching = commands.some(({ kind }) => kind === "PinWorkload" || kind === "RollWorkload");
	expect(isPatching).toBe(status.phase === "Rolling");
	return { result: `${status.phase} ${status.reason}`, message: status.message, to: status.to };
}

const finished = { phase: "Succeeded", startedAt: 0, completedAt: 10 * MINUTE } as const;
const small = { candidates: [candidate("a", predicted(150, 1)), candidate("b", predicted(145, 1))] };
const doubtful = { candidates: [candidate("a", predicted(150, 99)), candidate("b", predicted(100, 99))] };

/** So uncertain that the well-known place ranks before it, which is expected to be worse. */
const wide = predicted(150, 99);
const worse = {
	candidates: [candidate("a", wide), candidate("b", predicted(195))],
	current: { ...evaluation().current, predicted: wide },
};

/** The policy chose by zone when it was pinned. */
function pinnedByAnotherKey(server: ApiServer): void {
	const placement = { domain: "z1", policy: "latency", observedAt: "2026-11-24T12:00:00Z" };
	const previous = previousPlacementText({ topologyKey: "zone", value: null });
	server.changeWorkload({
		annotations: { [PREVIOUS_PLACEMENT_KEY]: previous },
		template: {
			labels: { app: "web" },
			annotations: { [PLACEMENT_KEY]: encodePlacement(placement) },
			scheduling: scheduling({ nodeSelector: { zone: "z1" } }),
		},
	});
}

describe("a new migration", () => {
	it.each<[string, Parameters<typeof first>, string]>([
		["goes where it is told", [{ to: "b" }], "Rolling Patching"],
		["goes to the best place", [{}], "Rolling Patching"],
		["of no deployment", [{ workload: "shop/none" }], "Rejected WorkloadNotFound"],
		[
			"of an ungoverned one",
			[{}, { server: (s) => (s.policy = policy({ namespace: "other" })) }],
			"Rejected NotGoverned",
		],
		[
			"of an opted-out one",
			[{}, { server: (s) => (s.workload = workload("web", { labels: { "kubectl-qos.dev/skip": "true" } })) }],
			"Rejected NotGoverned",
		],
		[
			"under a suspended policy",
			[{ override: [...ALL] }, { server: (s) => (s.policy = policy({ suspend: true })) }],
			"Rejected Suspended",
		],
		[
			"by the controller in mode Initial",
			[{ automatic: true }, { server: (s) => (s.policy = policy({ mode: "Initial" })) }],
			"Rejected ModeInitial",
		],
		["by a person in mode Off", [{}, { server: (s) => (s.policy = policy({ mode: "Off" })) }], "Rolling Patching"],
		["to where it is", [{ to: "a", override: [...ALL] }], "Rejected AlreadyThere"],
		[
			"to the best place, where it is",
			[{}, { evaluation: { candidates: [candidate("a", predicted(1))] } }],
			"Rejected AlreadyBest",
		],
		["to the best other place, which is expected to be worse", [{}, { evaluation: worse }], "Rejected AlreadyBest"],
		[
			"to the best other place, which is expected to be worse, overridden",
			[{ override: [...ALL] }, { evaluation: worse }],
			"Rejected AlreadyBest",
		],
		[
			"to a place by name that is expected to be worse",
			[{ to: "b" }, { evaluation: worse }],
			"Rejected GainBelowMinimum",
		],
		[
			"to a place by name that is expected to be worse, overridden",
			[{ to: "b", override: [...ALL] }, { evaluation: worse }],
			"Rolling Patching",
		],
		["to an unknown place", [{ to: "z" }], "Rejected UnknownDestination"],
		["to an infeasible place, all overridden", [{ to: "c", override: [...ALL] }], "Rejected InsufficientResources"],
		["with no place feasible", [{}, { evaluation: { candidates: [] } }], "Rejected NoFeasibleNode"],
		[
			"while it cools down",
			[{}, { server: (s) => (s.others = [migration("old", { status: finished })]) }],
			"Rejected CoolingDown",
		],
		["for a small gain", [{}, { evaluation: small }], "Rejected GainBelowMinimum"],
		[
			"for a small gain, overridden",
			[{ override: ["MinGain", "Confidence"] }, { evaluation: small }],
			"Rolling Patching",
		],
		["for a doubtful gain", [{}, { evaluation: doubtful }], "Rejected GainNotConfident"],
		["for a doubtful gain, just planned", [{ automatic: true }, { evaluation: doubtful }], "Rolling Patching"],
		[
			"for a doubtful gain, planned long ago",
			[{ automatic: true, createdAt: 0 }, { evaluation: doubtful }],
			"Rejected GainNotConfident",
		],
		[
			"to where nothing is known",
			[{ to: "b" }, { evaluation: { candidates: [candidate("b", undefined)] } }],
			"Rejected PredictionUnknown",
		],
		[
			"to where nothing is known, overridden",
			[{ to: "b", override: ["MinGain", "Confidence"] }, { evaluation: { candidates: [candidate("b", undefined)] } }],
			"Rolling Patching",
		],
		["under another key than our pin's", [{ to: "b" }, { server: pinnedByAnotherKey }], "Rejected PinStands"],
		[
			"by force while paused",
			[{ override: [...ALL] }, { server: (s) => s.changeWorkload({ paused: true }) }],
			"Rejected DisruptionBlocked",
		],
		[
			"by force of no replicas",
			[{ override: [...ALL] }, { server: (s) => s.changeWorkload({ replicas: 0 }) }],
			"Rejected DisruptionBlocked",
		],
		["while paused", [{}, { server: (s) => s.changeWorkload({ paused: true }) }], "Rejected DisruptionBlocked"],
		[
			"that stops every pod, overridden",
			[
				{ override: ["Disruption"] },
				{ server: (s) => s.changeWorkload({ strategy: { type: "Recreate", maxSurge: 0, maxUnavailable: 1 } }) },
			],
			"Rolling Patching",
		],
		["without an evaluation yet", [{}, { evaluation: null }], "Pending AwaitingEvaluation"],
		["with an old evaluation", [{}, { evaluation: { observedAt: NOW - 6 * MINUTE } }], "Pending AwaitingEvaluation"],
		["never evaluated", [{ createdAt: 0 }, { evaluation: null }], "Rejected NotEvaluated"],
	])("%s", (_title, given, expected) => {
		expect(first(...given).result).toBe(expected);
	});

	it("names the node that cannot take it", () => {
		expect(first({ to: "c" }).message).toBe("node c: Insufficient cpu");
	});

	it("says which of its numbers is which", () => {
		expect(first({}, { evaluation: worse }).message).toBe(
			"b, the best other place by the worse end of its interval, is not expected to be better: expected gain -45% (latency 150 -> 195)",
		);
		expect(first({ to: "b" }, { evaluation: worse }).message).toBe(
			"b: expected gain -45% (latency 150 -> 195); needed: 10% (minGain)",
		);
		expect(first({}, { evaluation: doubtful }).message).toMatch(
			/^b: expected gain 50% \(latency 150 -> 100\), lower bound -?\d+(\.\d+)?% at 90% confidence; needed: a lower bound above .*%, the cost of a move$/,
		);
	});

	it("does not replace a value that the user chose", () => {
		const pinned = workload("web");
		const own = scheduling({ nodeSelector: { [HOSTNAME_KEY]: "a" } });
		const server = (s: ApiServer) => (s.workload = { ...pinned, template: { ...pinned.template, scheduling: own } });
		expect(first({ to: "b", override: [...ALL] }, { server }).result).toBe("Rejected UserPinned");
	});

	it("does not go to a zone that has only infeasible nodes", () => {
		const zones = (s: ApiServer) => {
			s.policy = policy({ placement: { ...policy().placement, topologyKey: "zone" } });
			s.nodes = [node("a"), node("b"), node("c")];
		};
		const zoned = CANDIDATES.map((one) => ({ ...one, domain: one.node === "c" ? "far" : "near" }));
		expect(first({ to: "far", override: [...ALL] }, { server: zones, evaluation: { candidates: zoned } }).result).toBe(
			"Rejected InsufficientResources",
		);
	});
});

describe("two migrations of one deployment", () => {
	it("lets the oldest go on and rejects the other", () => {
		const older = migration("older", { createdAt: 0 });
		const { result, message } = first({}, { server: (s) => (s.others = [older]) });
		expect([result, message]).toEqual([
			"Rejected AlreadyInFlight",
			"migration older of the same deployment is Pending",
		]);
		expect(first({ createdAt: -1 }, { server: (s) => (s.others = [older]), now: MINUTE }).result).toBe(
			"Rolling Patching",
		);
	});

	it("never lets one overtake another that has begun", () => {
		const begun = migration("begun", { createdAt: NOW, status: { phase: "Verifying" } });
		expect(first({ createdAt: 0 }, { server: (s) => (s.others = [begun]) }).result).toBe("Rejected AlreadyInFlight");
		const elsewhere = { ...begun, workload: "shop/other" } as const;
		expect(first({}, { server: (s) => (s.others = [elsewhere]) }).result).toBe("Rolling Patching");
	});
});
