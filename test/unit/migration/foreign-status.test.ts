import fc from "fast-check";
import { expect, it } from "vitest";
import { toMigrationStatus } from "../../../src/api/v1alpha1/migration.ts";
import { isFinished, type MigrationStatus } from "../../../src/core/migration/migration.ts";
import { MINUTE, migration } from "../cluster-core/builders.ts";
import { ApiServer } from "./api-server.ts";
import { look } from "./observing.ts";

/** What may stand in a status that somebody else has written: whatever the CRD lets through, all of it or parts. */
function maybe<T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
	return fc.option(values, { nil: undefined });
}
const NOW = 20 * MINUTE;
const time = maybe(fc.constantFrom(-1e12, 0, MINUTE, NOW, NOW + 5 * MINUTE, 8e15));
const place = maybe(fc.constantFrom("a", "b", "none", ""));
const number = maybe(fc.double());
const interval = fc.record({ value: fc.double(), lower: fc.double(), upper: fc.double() });
const foreign: fc.Arbitrary<MigrationStatus> = fc.record({
	phase: maybe(fc.constantFrom("Pending", "Rolling", "Verifying", "Succeeded", "Reverted", "Failed", "Rejected")),
	from: place,
	to: place,
	promised: maybe(interval),
	measuredBefore: number,
	measured: number,
	startedAt: time,
	rolledOutAt: time,
	completedAt: time,
	reason: maybe(fc.constantFrom("Patching", "RollingOut", "RolledOut", "WorseThanBefore", "Cancelled", "Whatever", "")),
	message: maybe(fc.string()),
});

it("a status that somebody else wrote ends like any other, and moves the pods forth and back at most once", () => {
	fc.assert(
		fc.property(foreign, fc.boolean(), fc.boolean(), fc.boolean(), (status, names, automatic, cancelled) => {
			const server = new ApiServer();
			server.migration = migration("move", { ...(names && { to: "b" }), automatic, status });
			if (cancelled) server.cancel("jane");
			for (let minute = 0; minute < 40; minute += 1) {
				const now = NOW + minute * MINUTE;
				const step = look(server, now);
				expect(() => toMigrationStatus(server.migration, step.status, now)).not.toThrow();
				if (minute === 3) server.rollOut();
			}
			expect(isFinished(server.migration)).toBe(true);
			expect(server.countOf("PinWorkload")).toBeLessThanOrEqual(2);
		}),
		{ numRuns: 500 },
	);
});

it("one that is on its way since nobody knows when is given up on, so that others get their turn", () => {
	const server = new ApiServer();
	server.migration = migration("move", { createdAt: 0, status: { phase: "Rolling", to: "b", reason: "Patching" } });
	server.cancel("jane");
	look(server, NOW);
	expect(server.state()).toBe("Rejected Cancelled");
});
