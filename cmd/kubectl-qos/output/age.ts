/** A duration as kubectl prints ages: `90s`, `5m3s`, `45m`, `2h5m`, `30h`, `3d4h`, `20d`, `3y5d`. */
export function formatAge(milliseconds: number): string {
	if (!Number.isFinite(milliseconds)) return "<unknown>";
	const seconds = Math.trunc(milliseconds / 1000);
	// Two clocks may differ a little; more than that is worth seeing.
	if (seconds < -1) return "<invalid>";
	if (seconds < 120) return `${Math.max(0, seconds)}s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 10) return withRest(minutes, "m", seconds % 60, "s");
	if (minutes < 180) return `${minutes}m`;
	const hours = Math.floor(minutes / 60);
	if (hours < 8) return withRest(hours, "h", minutes % 60, "m");
	if (hours < 48) return `${hours}h`;
	const days = Math.floor(hours / 24);
	if (days < 8) return withRest(days, "d", hours % 24, "h");
	return inDays(days);
}

function inDays(days: number): string {
	if (days < 2 * 365) return `${days}d`;
	const years = Math.floor(days / 365);
	return days < 8 * 365 ? withRest(years, "y", days % 365, "d") : `${years}y`;
}

function withRest(amount: number, unit: string, rest: number, restUnit: string): string {
	return rest === 0 ? `${amount}${unit}` : `${amount}${unit}${rest}${restUnit}`;
}
