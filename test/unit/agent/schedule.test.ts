import { Cron } from "croner";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Schedules } from "../../../src/agent/ports.ts";
import { fromCron, fromDate, fromInterval, triggerText } from "../../../src/agent/schedule.ts";
import { cronTrigger, dateTrigger, intervalTrigger } from "../../../src/agent/schema/trigger.ts";
import { instantOf, scheduleError } from "../../../src/controller/schedule.ts";

const schedules: Schedules = {
	nextRun: () => undefined,
	problem: (schedule) => scheduleError({ schedule }),
	instant: instantOf,
};

function expression(trigger: object): string {
	const { schedule } = fromCron(cronTrigger.parse(trigger), schedules);
	return schedule.kind === "Cron" ? schedule.expression : "";
}

function at(trigger: object): string {
	const { schedule } = fromDate(dateTrigger.parse(trigger), schedules);
	return schedule.kind === "At" ? new Date(schedule.at).toISOString() : "";
}

describe("cron", () => {
	test.each([
		// As APScheduler does: what is finer than the finest field that is given takes its least value.
		[{ hour: 3 }, "0 3 * * *"],
		[{ minute: "*/5" }, "*/5 * * * *"],
		[{ day: 1 }, "0 0 1 * *"],
		[{ month: "6" }, "0 0 1 6 *"],
		[{ day_of_week: "mon" }, "0 0 * * 1"],
		[{ month: "jan,jul", day_of_week: "fri" }, "0 0 * jan,jul 5"],
		[{ hour: 3, second: 0 }, "* 3 * * *"],
		[{ hour: "*/2", minute: 30, day: "*" }, "30 */2 * * *"],
		[{ crontab: "0 3 * * 1-5" }, "0 3 * * 1-5"],
		// Weekdays count from Monday.
		[{ day_of_week: 0 }, "0 0 * * 1"],
		[{ day_of_week: "5-6" }, "0 0 * * 6-7"],
		[{ day_of_week: "sat-sun", hour: 9 }, "0 9 * * 6-7"],
		[{ day_of_week: "*/2" }, "0 0 * * */2"],
		[{ minute: 0, year: null, week: null, start_date: null, end_date: null, crontab: null }, "0 * * * *"],
	])("%j is %s", (trigger, expected) => {
		expect(expression(trigger)).toBe(expected);
	});

	test("Sunday is Sunday", () => {
		const cron = new Cron(expression({ day_of_week: 6 }), { timezone: "UTC" });
		expect(cron.nextRun(new Date("2026-01-01T00:00:00Z"))?.getUTCDay()).toBe(0);
	});

	test.each([
		[{ crontab: "0 3 * * *", hour: 3 }, "crontab:"],
		[{ day: 1, day_of_week: "mon" }, "day_of_week: cannot be mapped"],
		[{ hour: "5-2" }, "cron "],
		[{ minute: "99" }, "cron "],
		[{ hour: 3, timezone: "Mars/Base" }, 'timezone "Mars/Base"'],
	])("%j is refused, and the field is named", (trigger, message) => {
		expect(() => expression(trigger)).toThrow(message);
	});

	test.each([
		[{ hour: 3, year: "2027" }, "year"],
		[{ hour: 3, week: 4 }, "week"],
		[{ hour: 3, second: 30 }, "second"],
		[{ hour: 3, start_date: "2026-01-01" }, "start_date"],
		[{ hour: 3, end_date: "2026-01-01" }, "end_date"],
		[{ hour: 24 }, "hour"],
		[{ hour: "last" }, "hour"],
		[{ hours: 3 }, ""],
		[{}, ""],
	])("%j does not fit the schema, because of %s", (trigger, field) => {
		const issue = cronTrigger.safeParse(trigger).error?.issues[0];
		expect(issue?.path.join(".")).toBe(field);
	});
});

describe("date", () => {
	test.each([
		[{ run_date: "2026-07-01T08:00:00Z" }, "2026-07-01T08:00:00.000Z"],
		[{ run_date: "2026-07-01T08:00:00+02:00" }, "2026-07-01T06:00:00.000Z"],
		[{ run_date: "2026-07-01 08:00:00", timezone: "Europe/Madrid" }, "2026-07-01T06:00:00.000Z"],
		[{ run_date: "2026-01-01T08:00:00.123456" }, "2026-01-01T08:00:00.000Z"],
		[{ run_date: "2026-01-01" }, "2026-01-01T00:00:00.000Z"],
		[{ run_date: "2026-01-01", timezone: "America/New_York" }, "2026-01-01T05:00:00.000Z"],
		[{ run_date: "2028-02-29" }, "2028-02-29T00:00:00.000Z"],
	])("%j is %s", (trigger, expected) => {
		expect(at(trigger)).toBe(expected);
	});

	test.each(["2026-02-29", "2026-02-30T00:00:00Z", "2026-13-01", "tomorrow", "", "2026-01-01T24:00:00"])(
		"%j is no date",
		(run_date) => {
			expect(dateTrigger.safeParse({ run_date }).success).toBe(false);
		},
	);

	test("every date that the schema takes is one for every time zone", () => {
		const zones = fc.constantFrom(undefined, null, "UTC", "Europe/Madrid", "America/St_Johns", "Pacific/Apia");
		const dates = fc.date({ min: new Date("2000-01-01"), max: new Date("2099-12-30"), noInvalidDate: true });
		fc.assert(
			fc.property(dates, zones, fc.constantFrom(10, 19, 23, 24), (date, timezone, length) => {
				const run_date = date.toISOString().slice(0, length);
				const time = Date.parse(at({ run_date, timezone }));
				expect(Math.abs(time - date.getTime())).toBeLessThan(2 * 86_400_000);
			}),
		);
	});
});

describe("interval", () => {
	test("its parts are added", () => {
		const trigger = intervalTrigger.parse({ weeks: 1, days: 1, hours: 1, minutes: 1, seconds: 1, jitter: 7 });
		expect(fromInterval(trigger)).toEqual({ schedule: { kind: "Interval", seconds: 694_861 }, jitterSeconds: 7 });
	});

	test.each([{}, { seconds: 0 }, { seconds: -1 }, { seconds: 1.5 }, { seconds: "5" }, { seconds: 5, start_date: "x" }])(
		"%j is refused",
		(trigger) => {
			expect(intervalTrigger.safeParse(trigger).success).toBe(false);
		},
	);
});

test("triggers are shown as the original shows them", () => {
	expect(triggerText({ schedule: { kind: "Interval", seconds: 300 } })).toBe("interval[0:05:00]");
	expect(triggerText({ schedule: { kind: "Interval", seconds: 180_061 } })).toBe("interval[2 days, 2:01:01]");
	expect(triggerText({ schedule: { kind: "At", at: Date.UTC(2026, 0, 31, 8) } })).toBe("date[2026-01-31 08:00:00 UTC]");
	expect(triggerText({ schedule: { kind: "Cron", expression: "*/5 * * * 1", timezone: "UTC" } })).toBe(
		"cron[month='*', day='*', day_of_week='1', hour='*', minute='*/5']",
	);
});
