/**
 * The laws of the simulated world. Everything is per second and noise-free.
 *
 * | share of the CPU in use | 0   | 0.5 | 0.8 | 0.9 | 0.95 | 1.0 | 1.2 |
 * | response / service time | 1   | 2   | 5   | 10  | 20   | 40  | 120 |
 */

/** Beyond this share, the response time rises along its tangent: a queue cannot grow without bound at once. */
const SATURATION = 0.95;

/** What one app is like, wherever it runs. */
export interface AppPhysics {
	/** CPU seconds per request on a core of speed 1. */
	readonly serviceTime: number;
	/** Seconds per request spent outside the CPU: network, disk, other services. */
	readonly baseLatency: number;
	/** How much the app feels a crowded node: 1 as a fair share of the CPU makes it, 0 not at all. */
	readonly sensitivity: number;
	/** A request takes no longer than this, in seconds. */
	readonly timeout: number;
}

/** Cores in use for `rate` requests per second on a node of the given speed. */
export function demandCores(rate: number, serviceTime: number, speed: number): number {
	return (rate * serviceTime) / speed;
}

/** Offered load per core; above 1 the node cannot keep up. */
export function offeredLoad(backgroundCores: number, demand: number, cores: number): number {
	return (backgroundCores + demand) / cores;
}

/** The part of what is asked for that an overloaded node gets done: everybody gets the same share. */
export function servedShare(load: number): number {
	return Math.min(1, 1 / Math.max(load, Number.MIN_VALUE));
}

/** Waiting per second of service: load / (1 - load), as under processor sharing (M/G/1-PS, Kleinrock 1967). */
function waiting(load: number): number {
	if (load < SATURATION) return load / (1 - load);
	return SATURATION / (1 - SATURATION) + (load - SATURATION) / (1 - SATURATION) ** 2;
}

/** Seconds of a request on a CPU of the given speed and load, without the base latency. */
export function processingTime(app: AppPhysics, speed: number, load: number): number {
	return (app.serviceTime / speed) * (1 + app.sensitivity * waiting(load));
}

/** Seconds that a request takes. */
export function responseTime(app: AppPhysics, speed: number, load: number): number {
	return Math.min(app.timeout, app.baseLatency + processingTime(app, speed, load));
}

/** Frames per second of a pipeline that works on `parallelism` frames at once and is fed `target` per second. */
export function framesPerSecond(target: number, parallelism: number, processing: number): number {
	return Math.min(target, parallelism / processing);
}
