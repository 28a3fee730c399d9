import { z } from "zod";

/** When a sensor runs, in the words of the original's triggers; what a QoSJob cannot do is refused by name. */

const YEARS = 10;
/** Digits of a date between 2000 and 2099 that exists. */
const DATE =
	"20(?:(?:[02468][048]|[13579][26])-02-29|[0-9]{2}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8])))";
const TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?";
const OFFSET = "(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])";

function unmappable(because: string) {
	return z
		.null({ error: `cannot be mapped onto a QoSJob: ${because}; leave it out` })
		.optional()
		.describe("Only null.");
}

function count(description: string, most: number) {
	return z.int().min(0).max(most).default(0).describe(description);
}

const timezone = z
	.string()
	.regex(
		/^[A-Za-z]+(?:[A-Za-z0-9_+/-]{0,62}[A-Za-z0-9])?$/,
		"is not the IANA name of a time zone, such as Europe/Madrid",
	)
	.nullable()
	.optional()
	.meta({ examples: ["Europe/Madrid", "UTC"] });

const jitter = z
	.int()
	.min(0)
	.max(86_400)
	.nullable()
	.optional()
	.describe("Each run starts later by a random share of so many seconds.");

const window = {
	start_date: unmappable("its first run is at once"),
	end_date: unmappable("it runs until it is removed"),
};

const SECONDS = { weeks: 604_800, days: 86_400, hours: 3600, minutes: 60, seconds: 1 } as const;
type Unit = keyof typeof SECONDS;
const UNITS = Object.keys(SECONDS) as readonly Unit[];

export const intervalTrigger = z
	.strictObject({
		weeks: count("Weeks between two runs.", 52 * YEARS),
		days: count("Days, added to the weeks.", 366 * YEARS),
		hours: count("Hours, added to the days.", 24 * 366 * YEARS),
		minutes: count("Minutes, added to the hours.", 60 * 24 * 366 * YEARS),
		seconds: count("Seconds, added to the minutes.", 60 * 60 * 24 * 366 * YEARS),
		...window,
		timezone: timezone.describe("Without meaning for an interval."),
		jitter,
	})
	.refine((trigger) => intervalSeconds(trigger) > 0, {
		message: "an interval needs one of weeks, days, hours, minutes and seconds above 0",
	})
	.meta({ anyOf: UNITS.map((unit) => ({ required: [unit], properties: { [unit]: { minimum: 1 } } })) });

export type IntervalTrigger = z.output<typeof intervalTrigger>;

export function intervalSeconds(trigger: Readonly<Record<Unit, number>>): number {
	return UNITS.reduce((sum, unit) => sum + trigger[unit] * SECONDS[unit], 0);
}

export const dateTrigger = z.strictObject({
	run_date: z
		.string()
		.regex(
			new RegExp(`^${DATE}(?:[T ]${TIME}${OFFSET}?)?$`),
			"is not a time of this century such as 2026-01-31T08:00:00Z, 2026-01-31 08:00:00 or 2026-01-31",
		)
		.describe("When it runs, once. Without an offset it is read in `timezone`; a time that is past runs at once."),
	timezone: timezone.describe("IANA time zone of a run_date without an offset; default UTC."),
	jitter,
});

export type DateTrigger = z.output<typeof dateTrigger>;

/** One field of a cron expression: `*`, numbers or names, ranges, steps, lists. */
function cronField(description: string, most: number, names: readonly string[] = []) {
	const one = names.length === 0 ? "[0-9]{1,2}" : `(?:[0-9]{1,2}|${names.join("|")})`;
	const part = `(?:\\*|${one}-${one})(?:/[1-9][0-9]?)?|${one}`;
	return z
		.union([z.int().min(0).max(most), z.string().regex(new RegExp(`^(?:${part})(?:,(?:${part})){0,15}$`))], {
			error: `is not a field of cron: write a number of at most ${most}, *, */5, 1-5 or 1,3`,
		})
		.nullable()
		.optional()
		.describe(description);
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const CRON_FIELDS = ["crontab", "month", "day", "day_of_week", "hour", "minute"] as const;

export const cronTrigger = z
	.strictObject({
		crontab: z
			.string()
			.regex(/^[0-9A-Za-z*/,?#-]{1,24}(?: [0-9A-Za-z*/,?#-]{1,24}){4}$/, "has not five fields, as in 0 3 * * mon-fri")
			.nullable()
			.optional()
			.describe(
				"Five fields: minute, hour, day of month, month, day of week (0 and 7 are Sunday). Instead of the others.",
			),
		year: unmappable("it has no years"),
		month: cronField("1 to 12 or jan to dec.", 12, MONTHS),
		week: unmappable("it has no weeks of the year"),
		day: cronField("Day of the month, 1 to 31.", 31),
		day_of_week: cronField("0 (Monday) to 6 (Sunday), or mon to sun.", 6, WEEKDAYS),
		hour: cronField("0 to 23.", 23),
		minute: cronField("0 to 59.", 59),
		second: z
			.literal([0, "0"], { error: "cannot be mapped onto a QoSJob: it starts on whole minutes; leave it out" })
			.nullable()
			.optional()
			.describe("Only 0."),
		...window,
		timezone: timezone.describe("IANA time zone; default UTC."),
		jitter,
	})
	.refine((trigger) => CRON_FIELDS.some((field) => (trigger[field] ?? undefined) !== undefined), {
		message: "a cron trigger needs crontab, or one of month, day, day_of_week, hour and minute",
	})
	.meta({
		anyOf: CRON_FIELDS.map((field) => ({ required: [field], properties: { [field]: { not: { type: "null" } } } })),
	});

export type CronTrigger = z.output<typeof cronTrigger>;
