import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextStart, pendingSlot, scheduleError } from "../../../src/controller/schedule.ts";
import type { Job, JobSchedule } from "../../../src/core/job/job.ts";

const CREATED = Date.parse("2026-03-01T10:00:00Z");

function job(schedule: JobSchedule, changes: Partial<Job> = {}): Job {
	return {
		namespace: "kubectl-qos-system",
		name: "predict",
		uid: "uid-1",
		resourceVersion: "1",
		generation: 1,
		createdAt: CREATED,
		action: "Predict",
		schedule,
		jitterSeconds: 0,
		policySelector: {},
		suspend: false,
		startingDeadlineSeconds: undefined,
		status: { lastRun: undefined, nextRun: undefined },
		...changes,
	};
}

function served(base: Job, startedAt: number): Job {
	const lastRun = { startedAt, durationSeconds: 1, result: "Succeeded" as const, message: undefined };
	return { ...base, status: { lastRun, nextRun: undefined } };
}

const everyMinute: JobSchedule = { kind: "Interval", seconds: 60 };

describe("interval", () => {
	test("runs at creation and then on the grid, whenever the last run really started", () => {
		const created = job(everyMinute);
		expect(pendingSlot(created, CREATED)?.due).toBe(CREATED);
		const late = served(created, CREATED + 7_000);
		expect(pendingSlot(late, CREATED + 59_999)).toBeUndefined();
		expect(pendingSlot(late, CREATED + 60_000)?.due).toBe(CREATED + 60_000);
		expect(nextStart(late, CREATED + 7_000)).toBe(CREATED + 60_000);
	});

	test("a long outage is followed by one run, not by a burst", () => {
		const before = served(job(everyMinute), CREATED);
		const now = CREATED + 3_600_000;
		const slot = pendingSlot(before, now);
		expect(slot?.due).toBe(now);
		expect(pendingSlot(served(before, now), now)).toBeUndefined();
	});

	test("never runs when its jitter is longer than time", () => {
		const never = job(everyMinute, { jitterSeconds: 1e15 });
		expect(pendingSlot(never, CREATED + 61_000)).toBeUndefined();
		expect(nextStart(never, CREATED + 61_000)).toBeUndefined();
	});

	test("a run of a clock that was ahead holds no other up", () => {
		const ahead = served(job(everyMinute), CREATED + 86_400_000);
		expect(pendingSlot(ahead, CREATED + 61_000)?.due).toBe(CREATED + 60_000);
		expect(pendingSlot(served(job(everyMinute), CREATED + 90_000), CREATED + 61_000)).toBeUndefined();
	});

	test("a slot missed by more than startingDeadline is left out", () => {
		const strict = served(job(everyMinute, { startingDeadlineSeconds: 5 }), CREATED);
		expect(pendingSlot(strict, CREATED + 66_000)).toBeUndefined();
		expect(pendingSlot(strict, CREATED + 64_000)?.due).toBe(CREATED + 60_000);
	});

	test("property: polling at any times runs every slot at most once, and never early", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 300 }),
				fc.integer({ min: 0, max: 400 }),
				fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 60 }),
				(seconds, jitterSeconds, waits) => {
					let current = job({ kind: "Interval", seconds }, { jitterSeconds });
					let now = CREATED;
					const dues: number[] = [];
					for (const wait of waits) {
						now += wait;
						const slot = pendingSlot(current, now);
						if (!slot) continue;
						expect(slot.start).toBeLessThanOrEqual(now);
						expect(slot.start).toBeGreaterThanOrEqual(slot.due);
						dues.push(slot.due);
						current = served(current, now);
					}
					expect(new Set(dues).size).toBe(dues.length);
					expect([...dues].sort((a, b) => a - b)).toEqual(dues);
				},
			),
		);
	});
});

describe("at", () => {
	const at = CREATED + 90_000;
	test("runs once, late if it must, and never again", () => {
		const once = job({ kind: "At", at });
		expect(pendingSlot(once, at - 1)).toBeUndefined();
		expect(nextStart(once, at - 1)).toBe(at);
		expect(pendingSlot(once, at + 30_000)?.due).toBe(at);
		expect(pendingSlot(served(once, at + 30_000), at + 60_000)).toBeUndefined();
		expect(nextStart(served(once, at + 30_000), at + 60_000)).toBeUndefined();
	});
});

describe("cron", () => {
	test("is read in its time zone, across the change to summer time", () => {
		const noon = job({ kind: "Cron", expression: "0 12 * * *", timezone: "Europe/Madrid" });
		expect(nextStart(noon, Date.parse("2026-03-28T12:00:00Z"))).toBe(Date.parse("2026-03-29T10:00:00Z"));
		expect(pendingSlot(noon, Date.parse("2026-03-28T11:00:00Z"))?.due).toBe(Date.parse("2026-03-28T11:00:00Z"));
	});

	test("times before the job was created are not made up for", () => {
		const hourly = job({ kind: "Cron", expression: "30 * * * *", timezone: "UTC" });
		expect(pendingSlot(hourly, CREATED + 60_000)).toBeUndefined();
		expect(pendingSlot(hourly, CREATED + 1_800_000)?.due).toBe(CREATED + 1_800_000);
	});

	test("what can never run is refused with the field, the value and a way to mend it", () => {
		const bad = (expression: string, timezone = "UTC") => scheduleError(job({ kind: "Cron", expression, timezone }));
		expect(bad("61 * * * *")).toMatch(/^spec\.cron "61 \* \* \* \*" is not a cron expression/);
		expect(bad("* * * * * *")).toMatch(/five fields/);
		expect(bad("0 * * * *", "Mars/Olympus")).toMatch(/^spec\.timezone "Mars\/Olympus" is not an IANA time zone/);
		expect(bad("0 * * * *", "Asia/Tokyo")).toBeUndefined();
	});
});

test("a suspended job neither runs nor announces a run", () => {
	const suspended = job(everyMinute, { suspend: true });
	expect(pendingSlot(suspended, CREATED + 60_000)).toBeUndefined();
	expect(nextStart(suspended, CREATED + 60_000)).toBeUndefined();
});
