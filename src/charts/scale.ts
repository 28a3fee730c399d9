/** Maps a domain onto pixels. */
export interface Scale {
	position(value: number): number;
	readonly ticks: readonly number[];
}

/** A linear scale with ticks at every `step`. */
export function linearScale(domain: readonly [number, number], range: readonly [number, number], step: number): Scale {
	const [low, high] = domain;
	const [start, end] = range;
	const ticks: number[] = [];
	for (let index = Math.ceil(low / step); index * step <= high + step * 1e-9; index++) ticks.push(index * step);
	return { position: (value) => start + ((value - low) / (high - low || 1)) * (end - start), ticks };
}

const STEPS_PER_DECADE = [1, 2, 5];

/**
 * A logarithmic scale that covers all values, with ticks at 1, 2 and 5 of each decade (fewer when they
 * would be crowded). Latency grows by factors, so equal factors get equal heights.
 */
export function logarithmicScale(values: readonly number[], range: readonly [number, number]): Scale {
	const positive = values.filter((value) => value > 0 && Number.isFinite(value));
	const low = positive.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY) / 1.25;
	const high = positive.reduce((most, value) => Math.max(most, value), 0) * 1.25;
	if (high === 0) return logarithmicScale([0.01, 1], range);
	const inner = linearScale([Math.log(low), Math.log(high)], range, 1);
	const ticks: number[] = [];
	for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.log10(high); exponent++) {
		// Above zero, powers of ten are divided by: 0.02 is 2 / 100, which 2 * 0.01 need not be.
		const power = 10 ** Math.abs(exponent);
		ticks.push(...STEPS_PER_DECADE.map((step) => (exponent < 0 ? step / power : step * power)));
	}
	const inside = ticks.filter((tick) => tick >= low && tick <= high);
	const thinned = inside.length > 8 ? inside.filter((tick) => /^1|^0\.0*1$/.test(String(tick))) : inside;
	return { position: (value) => inner.position(Math.log(Math.min(high, Math.max(low, value)))), ticks: thinned };
}
