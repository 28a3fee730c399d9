/**
 * Randomness without a stream: every draw is a function of seed, name and index, so that neither the
 * order of draws nor the number of nodes changes what an entity experiences.
 */

/** In [0, 1). */
export function uniform(seed: number, name: string, index: number): number {
	let hash = Math.imul(seed ^ 0x811c9dc5, 0x01000193);
	for (let position = 0; position < name.length; position++) {
		hash = Math.imul(hash ^ name.charCodeAt(position), 0x01000193);
	}
	return finalize(Math.imul(hash ^ index, 0x9e3779b1) ^ hash) / 2 ** 32;
}

/** Standard normal (Box and Muller, 1958). */
function normal(seed: number, name: string, index: number): number {
	const radius = Math.sqrt(-2 * Math.log(1 - uniform(seed, name, 2 * index)));
	return radius * Math.cos(2 * Math.PI * uniform(seed, name, 2 * index + 1));
}

/** A factor around 1, always positive, with mean 1 and the given relative standard deviation (log-normal). */
export function noiseFactor(deviation: number, seed: number, name: string, index: number): number {
	if (deviation === 0) return 1;
	const variance = Math.log(1 + deviation ** 2);
	return Math.exp(Math.sqrt(variance) * normal(seed, name, index) - variance / 2);
}

/** The finalizer of MurmurHash3: every input bit changes half of the output bits. */
function finalize(hash: number): number {
	let mixed = hash ^ (hash >>> 16);
	mixed = Math.imul(mixed, 0x85ebca6b);
	mixed ^= mixed >>> 13;
	mixed = Math.imul(mixed, 0xc2b2ae35);
	return (mixed ^ (mixed >>> 16)) >>> 0;
}
