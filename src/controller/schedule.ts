import { createHash } from "node:crypto";
import { Cron } from "croner";
import { isFromFuture } from "../core/clock-skew.ts";
import type { Job } from "../core/job/job.ts";

/**
 * When a job runs. Every run belongs to a slot of its schedule (`createdAt + k * interval`, the `at`
 * time, or a cron time), so runs do not drift however long they take, and a restart can tell from
 * `status.lastRun` which slot was served. All times are ms since the epoch.
 */

export interface Slot {
	/** When the schedule names it. */
	readonly due: number;
	/** `due` plus this slot's share of the jitter. */
	readonly start: number;
}

/** The newest slot that may start by now and was not served yet. */
export function pendingSlot(job: Job, now: number): Slot | undefined {
	if (job.suspend) return undefined;
	const served = servedAt(job, now);
	const deadline = (job.startingDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000;
	let slot = latestSlot(job, now);
	if (slot && slot.start > now) slot = latestSlot(job, slot.due - 1);
	if (!slot || slot.start > now || slot.start <= served || slot.due <= served) return undefined;
	return now - slot.start <= deadline ? slot : undefined;
}

/** A run that began in the future, by a clock that was ahead, keeps no other from running. */
function servedAt({ status }: Job, now: number): number {
	const startedAt = status.lastRun?.startedAt;
	return startedAt === undefined || isFromFuture(startedAt, now) ? Number.NEGATIVE_INFINITY : startedAt;
}

/** When the job starts next after `now`, or `undefined` when it never will. */
export function nextStart(job: Job, now: number): number | undefined {
	if (job.suspend) return undefined;
	const latest = latestSlot(job, now);
	const due = latest && latest.start > now ? latest.due : nextDue(job, now);
	const start = due === undefined ? Number.POSITIVE_INFINITY : withJitter(job, due).start;
	return start <= END_OF_TIME ? start : undefined;
}

/** The last moment that RFC 3339 can write: what is later never comes. */
const END_OF_TIME = Date.UTC(9999, 11, 31, 23, 59, 59);

function latestSlot(job: Job, now: number): Slot | undefined {
	const due = latestDue(job, now);
	return due === undefined ? undefined : withJitter(job, due);
}

/** Jitter is drawn from a hash of job and slot: every replica and every restart draws the same. */
function withJitter(job: Job, due: number): Slot {
	const share = createHash("sha256").update(`${job.uid}/${due}`).digest().readUInt32BE(0) / 2 ** 32;
	return { due, start: due + Math.floor(share * job.jitterSeconds * 1000) };
}

function latestDue(job: Job, now: number): number | undefined {
	const { schedule, createdAt } = job;
	if (now < createdAt) return undefined;
	switch (schedule.kind) {
		case "Interval": {
			const interval = schedule.seconds * 1000;
			return createdAt + Math.floor((now - createdAt) / interval) * interval;
		}
		case "At":
			return schedule.at <= now ? schedule.at : undefined;
		case "Cron": {
			// croner looks strictly before its reference.
			const [previous] = cron(schedule.expression, schedule.timezone).previousRuns(1, new Date(now + 1));
			return previous && previous.getTime() >= createdAt ? previous.getTime() : undefined;
		}
	}
}

function nextDue(job: Job, now: number): number | undefined {
	const { schedule, createdAt } = job;
	switch (schedule.kind) {
		case "Interval": {
			const interval = schedule.seconds * 1000;
			return createdAt + (Math.floor((now - createdAt) / interval) + 1) * interval;
		}
		case "At":
			return schedule.at > now ? schedule.at : undefined;
		case "Cron":
			return cron(schedule.expression, schedule.timezone).nextRun(new Date(now))?.getTime();
	}
}

/** A local time such as `2026-01-31T08:00:00` -> ms since the epoch; `undefined` when the time zone is unknown. */
export function instantOf(local: string, timezone: string): number | undefined {
	if (!isTimeZone(timezone)) return undefined;
	return new Cron(local, { timezone, paused: true }).getOnce()?.getTime();
}

function isTimeZone(name: string): boolean {
	try {
		Intl.DateTimeFormat("en", { timeZone: name });
		return true;
	} catch {
		return false;
	}
}

function cron(expression: string, timezone: string): Cron {
	return new Cron(expression, { timezone, paused: true, mode: "5-part" });
}

/** One line that says why the schedule can never run, or `undefined` when it can. */
export function scheduleError({ schedule }: Pick<Job, "schedule">): string | undefined {
	if (schedule.kind !== "Cron") return undefined;
	if (!isTimeZone(schedule.timezone)) {
		return `spec.timezone "${schedule.timezone}" is not an IANA time zone; write it like Europe/Madrid`;
	}
	try {
		cron(schedule.expression, schedule.timezone);
		return undefined;
	} catch (error) {
		const cause = error instanceof Error ? error.message : String(error);
		return `spec.cron "${schedule.expression}" is not a cron expression (${cause}); write five fields like "*/5 * * * *"`;
	}
}
