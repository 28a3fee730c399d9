import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FEASIBLE, infeasible } from "../../../src/core/feasibility/verdict.ts";
import { advance } from "../../../src/core/migration/life-cycle.ts";
import { MINUTE, migration } from "../cluster-core/builders.ts";
import { candidate, predicted } from "../recommendation/builders.ts";
import { ApiServer } from "./api-server.ts";
import { evaluation, observation } from "./observing.ts";

const NOW = 20 * MINUTE;
const ALL = ["Cooldown", "MinGain", "Confidence", "Disruption"] as const;
const DOMAINS = ["a", "b", "c", "d"];

const verdict = fc.oneof(
	fc.constant(FEASIBLE),
	fc
		.constantFrom("InsufficientResources" as const, "TaintNotTolerated" as const)
		.map((reason) => infeasible(reason, "why")),
);
const candidates = fc
	.uniqueArray(
		fc.record({ domain: fc.constantFrom(...DOMAINS), value: fc.double({ min: 1, max: 500, noNaN: true }), verdict }),
		{
			selector: ({ domain }) => domain,
		},
	)
	.map((list) => list.map((one) => candidate(one.domain, predicted(one.value, 1), { verdict: one.verdict })));

describe("feasibility", () => {
	it("is never overridden: no migration, forced or not, goes where no node can take the pod", () => {
		const forced = fc.record({
			to: fc.option(fc.constantFrom(...DOMAINS, "nowhere"), { nil: undefined }),
			override: fc.subarray([...ALL]),
			automatic: fc.boolean(),
			// Just planned, or long ago.
			createdAt: fc.constantFrom(NOW, 0),
		});
		let started = 0;
		fc.assert(
			fc.property(forced, candidates, (changes, given) => {
				const server = new ApiServer();
				server.migration = migration("move", changes);
				const seen = evaluation({ observedAt: NOW, candidates: given });
				const { status, commands } = advance(server.migration, { ...observation(server, NOW), evaluation: seen }, NOW);
				const rolls = commands.some(({ kind }) => kind === "PinWorkload" || kind === "RollWorkload");
				if (!rolls && status.phase !== "Rolling") {
					expect(status.message, "a refusal says why").toMatch(/./);
					return;
				}
				started += 1;
				const target = given.find(({ domain, verdict: { feasible } }) => domain === status.to && feasible);
				expect(target, `to ${status.to}`).toBeDefined();
			}),
			{ numRuns: 500 },
		);
		expect(started).toBeGreaterThan(0);
	});
});
