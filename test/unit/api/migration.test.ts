import { describe, expect, it } from "vitest";
import { newMigration, parseMigration, toMigrationStatus } from "../../../src/api/v1alpha1/migration.ts";
import type { Migration, MigrationStatus } from "../../../src/core/migration/migration.ts";

function stored(extra: object = {}) {
	const made = newMigration({
		workload: "shop/api",
		to: "edge-1",
		override: ["Cooldown"],
		reason: "Forced",
		name: "m",
	});
	const metadata = { ...made.metadata, uid: "u", resourceVersion: "7", creationTimestamp: "2026-01-01T00:00:00Z" };
	return { ...made, metadata, spec: { ...made.spec, requestedBy: "jane" }, ...extra };
}

function parsed(input: object): Migration {
	const result = parseMigration(input);
	if (!result.ok) throw new Error(result.message);
	return result.value;
}

const finished: MigrationStatus = {
	phase: "Succeeded",
	from: "edge-2",
	to: "edge-1",
	promised: { value: 0.1, lower: 0.05, upper: 0.2 },
	measuredBefore: 0.3,
	measured: 0.12,
	startedAt: Date.UTC(2026, 0, 1),
	rolledOutAt: Date.UTC(2026, 0, 1, 0, 1),
	completedAt: Date.UTC(2026, 0, 1, 0, 6),
	reason: "Verified",
	message: "0.12 seconds measured, 0.1 promised",
};

describe("newMigration", () => {
	it("asks without claiming who asks", () => {
		expect(newMigration({ workload: "shop/api", reason: "Forced" })).toEqual({
			apiVersion: "kubectl-qos.dev/v1alpha1",
			kind: "QoSMigration",
			metadata: { namespace: "shop", generateName: "api-", labels: { "kubectl-qos.dev/workload": "api" } },
			spec: { workload: "api", reason: "Forced" },
		});
	});

	it("labels the controller's own", () => {
		const made = newMigration({ workload: "shop/api", reason: "GainAboveMargin", automatic: true });
		expect(made.metadata.labels).toEqual({
			"kubectl-qos.dev/workload": "api",
			"kubectl-qos.dev/automatic": "true",
		});
	});

	it("keeps names of long Deployments within limits", () => {
		const made = newMigration({ workload: `shop/${"a".repeat(253)}`, reason: "Forced" });
		expect(made.metadata).toMatchObject({ generateName: `${"a".repeat(200)}-`, labels: {} });
	});
});

describe("parseMigration", () => {
	it("reads a new one", () => {
		expect(parsed(stored())).toMatchObject({
			workload: "shop/api",
			to: "edge-1",
			override: ["Cooldown"],
			requestedBy: "jane",
			automatic: false,
			cancelledBy: undefined,
			resourceVersion: "7",
			status: { phase: undefined, measured: undefined },
		});
	});

	it.each([
		[{ "kubectl-qos.dev/cancel": "true", "kubectl-qos.dev/cancelled-by": "jane" }, "jane"],
		[{ "kubectl-qos.dev/cancel": "true" }, "somebody"],
		[{ "kubectl-qos.dev/cancel": "no", "kubectl-qos.dev/cancelled-by": "jane" }, undefined],
	])("reads who cancels it from %j", (annotations, who) => {
		const object = stored();
		const metadata = { ...object.metadata, annotations };
		expect(parsed({ ...object, metadata }).cancelledBy).toBe(who);
	});

	it("reads back the status that was written", () => {
		const status = toMigrationStatus(parsed(stored()), finished, 0);
		const cleaned = JSON.parse(JSON.stringify(status, (_, value: unknown) => value ?? undefined)) as object;
		expect(parsed(stored({ status: cleaned })).status).toEqual(finished);
	});

	it("refuses an unknown override", () => {
		const input = { ...stored(), spec: { workload: "api", override: ["Feasibility"] } };
		expect(parseMigration(input)).toMatchObject({ ok: false, message: expect.stringContaining("spec.override.0: ") });
	});
});

describe("toMigrationStatus", () => {
	it.each([
		["Rolling", "False", "Unknown"],
		["Succeeded", "True", "True"],
		["Reverted", "True", "False"],
		["Rejected", "True", "False"],
	] as const)("in phase %s has Complete=%s and Succeeded=%s", (phase, complete, succeeded) => {
		const { conditions } = toMigrationStatus(parsed(stored()), { ...finished, phase }, 0);
		expect(conditions.map(({ status }) => status)).toEqual([complete, succeeded]);
	});

	it("removes what is Unknown", () => {
		const status = toMigrationStatus(parsed(stored()), { ...finished, measured: undefined }, 0);
		expect(status.measured).toBeNull();
	});
});
