import { describe, expect, it } from "vitest";
import { parseJob, toJobStatus } from "../../../src/api/v1alpha1/job.ts";

function job(spec: object, status?: object) {
	return {
		metadata: { namespace: "shop", name: "nightly", creationTimestamp: "2026-01-01T00:00:00Z" },
		spec: { action: "Rebalance", ...spec },
		status,
	};
}

describe("parseJob", () => {
	it.each([
		[{ interval: "5m" }, { kind: "Interval", seconds: 300 }],
		[{ at: "2026-03-01T08:00:00Z" }, { kind: "At", at: Date.UTC(2026, 2, 1, 8) }],
		[{ cron: "0 3 * * *" }, { kind: "Cron", expression: "0 3 * * *", timezone: "UTC" }],
		[
			{ cron: "0 3 * * *", timezone: "Europe/Berlin" },
			{ kind: "Cron", expression: "0 3 * * *", timezone: "Europe/Berlin" },
		],
	])("reads the schedule %j", (spec, schedule) => {
		expect(parseJob(job(spec))).toMatchObject({ ok: true, value: { schedule, jitterSeconds: 0, suspend: false } });
	});

	it.each([{}, { interval: "5m", cron: "0 3 * * *" }])("refuses the schedule %j", (spec) => {
		expect(parseJob(job(spec))).toEqual({
			ok: false,
			message: "QoSJob shop/nightly is invalid: spec: set exactly one of interval, at and cron",
		});
	});

	it("reads back the status that was written", () => {
		const status = {
			lastRun: { startedAt: Date.UTC(2026, 0, 1), durationSeconds: 1.25, result: "Failed", message: "no model" },
			nextRun: Date.UTC(2026, 0, 2),
		} as const;
		expect(parseJob(job({ interval: "5m" }, toJobStatus(status)))).toMatchObject({ ok: true, value: { status } });
	});
});
