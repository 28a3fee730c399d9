const DAY_MS = 86_400_000;

/**
 * A time in ms since the epoch as RFC 3339 in UTC, to the second. The core has no Date; the calendar is
 * Hinnant's `civil_from_days` (chrono-compatible low-level date algorithms, 2013).
 */
export function rfc3339(time: number): string {
	const days = Math.floor(time / DAY_MS);
	const seconds = Math.floor((time - days * DAY_MS) / 1000);
	const clock = [seconds / 3600, (seconds % 3600) / 60, seconds % 60].map((part) => padded(Math.floor(part), 2));
	return `${civilDate(days)}T${clock.join(":")}Z`;
}

/** The years begin in March here, so that the leap day is a year's last. */
function civilDate(daysSinceEpoch: number): string {
	const days = daysSinceEpoch + 719_468;
	const era = Math.floor(days / 146_097);
	const dayOfEra = days - era * 146_097;
	const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
	const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
	const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
	const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
	const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
	const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
	const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
	return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

function padded(value: number, width: number): string {
	return String(value).padStart(width, "0");
}
