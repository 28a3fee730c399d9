import { uniform } from "./random.ts";

/** A quantity over time: a level that changes at given times, plus waves and pulses; never below 0. Times in seconds. */
export interface Profile {
	readonly base: number;
	/** From `at` on, the level is `value` instead of `base`. In order of time. */
	readonly steps: readonly { readonly at: number; readonly value: number }[];
	/** Added: day and night. Highest at `peak`. */
	readonly waves: readonly { readonly amplitude: number; readonly period: number; readonly peak: number }[];
	/** Added for `lasting` once in every `every`, first at `first`, each up to `jitter` later by chance. */
	readonly pulses: readonly Pulse[];
}

interface Pulse {
	readonly value: number;
	readonly first: number;
	readonly every: number;
	readonly lasting: number;
	readonly jitter: number;
}

/** The profile's value at a time in seconds; `seed` and `name` decide the jitter of its pulses. */
export function valueAt(profile: Profile, time: number, seed: number, name: string): number {
	let value = profile.base;
	for (const step of profile.steps) if (time >= step.at) value = step.value;
	for (const { amplitude, period, peak } of profile.waves) {
		value += amplitude * Math.cos((2 * Math.PI * (time - peak)) / period);
	}
	for (const pulse of profile.pulses) if (isOn(pulse, time, seed, name)) value += pulse.value;
	return Math.max(0, value);
}

function isOn(pulse: Pulse, time: number, seed: number, name: string): boolean {
	const round = Math.floor((time - pulse.first) / pulse.every);
	if (round < 0) return false;
	const delay = pulse.jitter === 0 ? 0 : pulse.jitter * uniform(seed, `${name}/pulse/${pulse.first}`, round);
	const within = time - pulse.first - round * pulse.every - delay;
	return within >= 0 && within < pulse.lasting;
}
