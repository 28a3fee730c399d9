import type { Job, JobSchedule } from "../core/job/job.ts";
import type { Schedules } from "./ports.ts";
import { Problem } from "./problem.ts";
import {
	type CronTrigger,
	type DateTrigger,
	type IntervalTrigger,
	intervalSeconds,
	WEEKDAYS,
} from "./schema/trigger.ts";

/** Triggers in the original's words <-> schedules of QoSJobs. */

export interface Timing {
	readonly schedule: JobSchedule;
	readonly jitterSeconds: number;
}

export function fromInterval(trigger: IntervalTrigger): Timing {
	return {
		schedule: { kind: "Interval", seconds: intervalSeconds(trigger) },
		jitterSeconds: trigger.jitter ?? 0,
	};
}

/** @throws Problem when the time zone is unknown */
export function fromDate({ run_date, timezone, jitter }: DateTrigger, schedules: Schedules): Timing {
	const at = /(?:Z|[+-]\d\d:\d\d)$/.test(run_date.slice(10))
		? Date.parse(run_date.replace(" ", "T"))
		: schedules.instant(
				run_date.length === 10 ? `${run_date}T00:00:00` : run_date.replace(" ", "T"),
				timezone ?? "UTC",
			);
	if (at === undefined)
		throw new Problem(422, `timezone: "${timezone}" is not an IANA time zone; write it like Europe/Madrid`);
	return { schedule: { kind: "At", at }, jitterSeconds: jitter ?? 0 };
}

/** @throws Problem when cron would run at other times than the trigger */
export function fromCron(trigger: CronTrigger, schedules: Schedules): Timing {
	const schedule = { kind: "Cron", expression: expressionOf(trigger), timezone: trigger.timezone ?? "UTC" } as const;
	const problem = schedules.problem(schedule);
	if (problem !== undefined) throw new Problem(422, problem.replace(/^spec\./, ""));
	return { schedule, jitterSeconds: trigger.jitter ?? 0 };
}

function expressionOf({ crontab, minute, hour, day, month, day_of_week, second }: CronTrigger): string {
	const fields = [minute, hour, day, month, day_of_week].map((field) => field ?? undefined);
	const first = fields.findIndex((field) => field !== undefined);
	if (typeof crontab === "string") {
		if (first < 0) return crontab;
		throw new Problem(422, "crontab: stands for all fields; leave minute, hour, day, month and day_of_week out");
	}
	if (isRestricted(fields[DAY]) && isRestricted(fields[WEEKDAY])) {
		throw new Problem(
			422,
			"day_of_week: cannot be mapped onto a QoSJob together with day, since cron runs when either fits",
		);
	}
	// What is finer than the finest field that is given starts at its least value, and all else is free.
	const givenDay = fields[WEEKDAY] === undefined ? first : Math.min(first, DAY);
	const finest = typeof second === "number" || typeof second === "string" ? 0 : givenDay;
	return fields.map((field, index) => textOf(field, index, finest)).join(" ");
}

const DAY = 2;
const WEEKDAY = 4;

function isRestricted(field: string | number | undefined): boolean {
	return field !== undefined && field !== "*";
}

function textOf(field: string | number | undefined, index: number, finest: number): string {
	if (field === undefined) return index >= finest ? "*" : index === DAY ? "1" : "0";
	return index === WEEKDAY ? weekdays(String(field)) : String(field);
}

/** Days count from Monday = 0 here, and from Monday = 1 to Sunday = 7 in cron. */
function weekdays(field: string): string {
	return field.replaceAll(/(?<![/\d])(?:\d{1,2}|[a-z]{3})/g, (day) => {
		const index = /\d/.test(day) ? Number(day) : WEEKDAYS.findIndex((name) => name === day);
		if (index >= WEEKDAYS.length) {
			throw new Problem(422, `day_of_week: ${day} is not a day; write 0 (Monday) to 6, or mon to sun`);
		}
		return String(index + 1);
	});
}

/** `interval[0:05:00]`, `date[2026-01-31 08:00:00 UTC]` or `cron[minute='0', ..., timezone='UTC']`. */
export function triggerText(job: Pick<Job, "schedule">): string {
	const { schedule } = job;
	switch (schedule.kind) {
		case "Interval":
			return `interval[${timeSpan(schedule.seconds)}]`;
		case "At":
			return `date[${new Date(schedule.at).toISOString().replace("T", " ").slice(0, 19)} UTC]`;
		case "Cron": {
			const [minute, hour, day, month, weekday] = schedule.expression.split(/ +/);
			return `cron[month='${month}', day='${day}', day_of_week='${weekday}', hour='${hour}', minute='${minute}']`;
		}
	}
}

/** Seconds as `[D day[s], ]H:MM:SS`. */
function timeSpan(seconds: number): string {
	const days = Math.floor(seconds / 86_400);
	const two = (value: number) => String(value).padStart(2, "0");
	const rest = `${Math.floor((seconds % 86_400) / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(Math.floor(seconds % 60))}`;
	return days === 0 ? rest : `${days} day${days === 1 ? "" : "s"}, ${rest}`;
}
