import { describe, expect, it } from "vitest";
import { lastMove } from "../../../cmd/kubectl-qos/migration/revert.ts";
import type { MigrationPhase } from "../../../src/core/migration/migration.ts";
import { migration } from "../cluster-core/builders.ts";

function ended(name: string, at: number, phase: MigrationPhase, changes: object = {}) {
	return migration(name, { status: { phase, from: "a", to: "b", startedAt: at, completedAt: at, ...changes } });
}

describe("lastMove", () => {
	it("goes back from the newest that moved it", () => {
		const migrations = [
			ended("new", 2, "Succeeded", { from: "b", to: "c" }),
			ended("old", 1, "Succeeded"),
			ended("refused", 3, "Rejected", { startedAt: undefined }),
		];
		expect(lastMove(migrations, "web")).toEqual({ name: "new", from: "b" });
	});

	it("goes back from one that was kept though it is worse", () => {
		expect(lastMove([ended("kept", 1, "Failed", { reason: "WorseKept" })], "web").from).toBe("a");
	});

	it.each([
		["nothing", [], "there is nothing to revert"],
		[
			"one that was undone",
			[ended("m", 1, "Reverted", { reason: "Cancelled" })],
			"was undone already (Reverted: Cancelled)",
		],
		["one that failed", [ended("m", 1, "Failed", { reason: "Unschedulable" })], "was undone already"],
		["one of unknown origin", [ended("m", 1, "Succeeded", { from: undefined })], "name a place with --to"],
		["one under way", [migration("m")], "stop that with --cancel"],
	])("refuses after %s", (_title, migrations, message) => {
		expect(() => lastMove(migrations, "web")).toThrow(message);
	});
});
