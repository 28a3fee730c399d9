import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { standingOf, superfluous } from "../../../src/core/migration/history.ts";
import { isFinished, type Migration, type MigrationPhase } from "../../../src/core/migration/migration.ts";
import { MINUTE, migration, policy } from "../cluster-core/builders.ts";

/** A migration that moved at `minute` and ended then. */
function ended(minute: number, phase: MigrationPhase, changes: Partial<Migration["status"]> = {}): Migration {
	const at = minute * MINUTE;
	return migration(`m${minute}`, {
		createdAt: at,
		status: { phase, to: "b", startedAt: at, completedAt: at, ...changes },
	});
}

function standing(migrations: readonly Migration[], minute = 0) {
	return standingOf("shop/web", migrations, policy(), minute * MINUTE);
}

describe("cooldown", () => {
	it.each([
		["after a success", [ended(0, "Succeeded")], 15],
		["doubled after a revert", [ended(0, "Reverted")], 30],
		["doubled for each setback in a row", [ended(0, "Reverted"), ended(10, "Failed")], 10 + 60],
		["single again after a success", [ended(0, "Reverted"), ended(10, "Succeeded")], 10 + 15],
		["not without bounds", Array.from({ length: 9 }, (_, minute) => ended(minute, "Reverted")), 8 + 15 * 64],
	])("%s", (_title, migrations, minutes) => {
		expect(standing(migrations).coolingUntil).toBe(minutes * MINUTE);
	});

	it("neither grows nor shrinks by what somebody cancelled", () => {
		const cancelled = ended(20, "Reverted", { reason: "Cancelled" });
		expect(standing([cancelled]).coolingUntil).toBe((20 + 15) * MINUTE);
		expect(standing([ended(0, "Reverted"), cancelled])).toMatchObject({ setbacks: 1, coolingUntil: 50 * MINUTE });
		expect([...standing([cancelled], 21).quarantined]).toEqual([]);
	});

	it("is not without end because of an end that lies in the future: then it counts from the beginning", () => {
		const never = ended(0, "Reverted", { completedAt: 1e15 });
		expect(standing([never], 1)).toMatchObject({ coolingUntil: 30 * MINUTE });
		expect([...standing([never], 59).quarantined]).toEqual(["b"]);
		expect([...standing([never], 61).quarantined]).toEqual([]);
	});

	it("is not caused by what moved nothing, or another workload", () => {
		const rejected = ended(0, "Rejected", { startedAt: undefined });
		const other = { ...ended(0, "Succeeded"), workload: "shop/other" } as const;
		expect(standing([rejected, other])).toMatchObject({ coolingUntil: undefined, setbacks: 0 });
	});
});

describe("quarantine", () => {
	it("holds a place back after a revert, longer after another, and lets it go again", () => {
		const once = [ended(0, "Reverted")];
		expect([...standing(once, 59).quarantined]).toEqual(["b"]);
		expect([...standing(once, 60).quarantined]).toEqual([]);
		const twice = [...once, ended(70, "Reverted")];
		expect([...standing(twice, 70 + 119).quarantined]).toEqual(["b"]);
	});

	it("blames the place only where the place is to blame", () => {
		expect([...standing([ended(0, "Failed", { reason: "Unschedulable" })], 1).quarantined]).toEqual(["b"]);
		expect([...standing([ended(0, "Failed", { reason: "Overwritten" })], 1).quarantined]).toEqual([]);
		expect([...standing([ended(0, "Succeeded")], 1).quarantined]).toEqual([]);
	});

	it("ends for a place where a move was kept although it is worse, as for any failure there", () => {
		expect([...standing([ended(0, "Failed", { reason: "WorseKept" })], 1).quarantined]).toEqual([]);
	});
});

describe("in flight", () => {
	it("is the oldest unfinished migration", () => {
		const pending = migration("x", { createdAt: 5 });
		const older = migration("y", { createdAt: 4, status: { phase: "Rolling" } });
		expect(standing([ended(0, "Succeeded"), pending, older]).inFlight?.name).toBe("y");
		expect(standing([ended(0, "Succeeded")]).inFlight).toBeUndefined();
	});
});

describe("what is kept", () => {
	it("is the last 10 of each workload, never an unfinished one, and reverts outlast a flood of rejections", () => {
		const phases = fc.constantFrom<MigrationPhase>("Succeeded", "Reverted", "Failed", "Rejected", "Pending");
		fc.assert(
			fc.property(fc.array(phases, { maxLength: 40 }), (list) => {
				const all = list.map((phase, minute) =>
					ended(minute, phase, phase === "Rejected" || phase === "Pending" ? { startedAt: undefined } : {}),
				);
				const commands = superfluous(all, 60 * MINUTE);
				const deleted = new Set(
					commands.flatMap((command) => (command.kind === "DeleteMigration" ? [command.migration] : [])),
				);
				expect(deleted.size).toBe(Math.max(0, all.filter(isFinished).length - 10));
				expect([...deleted].every(isFinished)).toBe(true);
				const moved = all.filter(({ status }) => status.startedAt !== undefined);
				for (const recent of moved.slice(-5)) expect(deleted.has(recent)).toBe(false);
			}),
		);
	});
});
