import { uniform } from "../../../simulation/random.ts";
import type { WorldInput } from "../../../simulation/schema.ts";

/** Seconds of the world that pass in one real second: the one factor by which all times are compressed. */
export const COMPRESSION = 30;

export interface ScriptOptions {
	readonly seed: number;
	readonly nodes: number;
	readonly apps: number;
	/** Real ones. */
	readonly minutes: number;
}

export interface Machine {
	readonly name: string;
	readonly tier: "cloud" | "edge";
	readonly cores: number;
	/** Of one core, 1 being the reference. */
	readonly speed: number;
	/** Whether a label tells its speed; otherwise it must be learned. */
	readonly isDeclared: boolean;
	/** Cores kept busy all the time by work that no request tells of. */
	readonly background: number;
}

export interface App {
	readonly name: string;
	/** What its author believes it needs, in cores. */
	readonly cpuRequest: number;
	/** Seconds of latency. */
	readonly target: number;
	/** Cores of speed 1 that it needs. */
	readonly demand: number;
	/** CPU seconds per request. */
	readonly serviceTime: number;
	readonly baseLatency: number;
	readonly sensitivity: number;
	/** When its load is highest, in seconds of the world. */
	readonly peak: number;
}

/** A noisy neighbour. Seconds of the world since the script began. */
export interface Neighbour {
	readonly node: string;
	readonly from: number;
	readonly to: number;
	/** That it keeps busy. */
	readonly cores: number;
}

/** Everything that happens, by seed. */
export interface Script {
	readonly seed: number;
	readonly seconds: number;
	readonly machines: readonly Machine[];
	readonly apps: readonly App[];
	readonly neighbours: readonly Neighbour[];
}

/** Of all that the nodes can do, the share that the apps need. */
const APPS_SHARE = 0.22;
/** Every so-manieth node has a neighbour all the time that keeps it more than half busy. */
const CROWDED_EVERY = 4;
/** Noisy neighbours: one per node in so many seconds of the world, each for so long. */
const NEIGHBOUR_EVERY = 5 * 3600;
const NEIGHBOUR_LASTS = { least: 30 * 60, most: 90 * 60 };
/** Load goes up and down by this share. */
const WAVE = { amplitude: 0.2, period: 3600 };

export function scriptOf(options: ScriptOptions): Script {
	const { seed } = options;
	const seconds = options.minutes * 60 * COMPRESSION;
	const machines = Array.from({ length: options.nodes }, (_, index) => machine(seed, index));
	return { seed, seconds, machines, apps: apps(options, machines), neighbours: neighbours(options, machines, seconds) };
}

/** Draws by name, so that no draw depends on another. */
function draw(seed: number, name: string, [least, most]: readonly [number, number]): number {
	return least + uniform(seed, `closed-loop/${name}`, 0) * (most - least);
}

function drawLog(seed: number, name: string, [least, most]: readonly [number, number]): number {
	return Math.exp(draw(seed, name, [Math.log(least), Math.log(most)]));
}

/** A third of the nodes are large and in the cloud, the others small and at the edge. */
function machine(seed: number, index: number): Machine {
	const tier = index % 3 === 0 ? "cloud" : "edge";
	const name = `${tier}-${index + 1}`;
	const cores = tier === "cloud" ? draw(seed, `${name}/cores`, [4, 8]) : draw(seed, `${name}/cores`, [1, 3]);
	const whole = 4 * Math.round(cores);
	const crowded = index % CROWDED_EVERY === seed % CROWDED_EVERY;
	const busy = draw(seed, `${name}/background`, crowded ? [0.55, 0.8] : [0.05, 0.3]);
	return {
		name,
		tier,
		cores: whole,
		speed: tier === "cloud" ? draw(seed, `${name}/speed`, [0.9, 1.6]) : draw(seed, `${name}/speed`, [0.6, 1.3]),
		isDeclared: index % 2 === 1,
		background: busy * whole,
	};
}

function apps({ seed, apps: count }: ScriptOptions, machines: readonly Machine[]): readonly App[] {
	const names = Array.from({ length: count }, (_, index) => `app-${String(index + 1).padStart(2, "0")}`);
	const weights = names.map((name) => drawLog(seed, `${name}/weight`, [1, 8]));
	const capacity = machines.reduce((sum, { cores, speed }) => sum + cores * speed, 0);
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	return names.map((name, index) => {
		const demand = ((weights[index] as number) / total) * APPS_SHARE * capacity;
		const serviceTime = drawLog(seed, `${name}/service`, [0.005, 0.08]);
		const baseLatency = drawLog(seed, `${name}/base`, [0.001, 0.005]);
		return {
			name,
			demand,
			serviceTime,
			baseLatency,
			cpuRequest: demand * drawLog(seed, `${name}/request`, [0.4, 2.5]),
			target: baseLatency + serviceTime * draw(seed, `${name}/target`, [3, 6]),
			sensitivity: draw(seed, `${name}/sensitivity`, [0.8, 1]),
			peak: draw(seed, `${name}/peak`, [0, WAVE.period]),
		};
	});
}

/** They go round all nodes before one has its second, spread over the whole time. */
function neighbours({ seed }: ScriptOptions, machines: readonly Machine[], seconds: number): readonly Neighbour[] {
	const count = Math.max(1, Math.round((machines.length * seconds) / NEIGHBOUR_EVERY));
	const order = machines.toSorted((left, right) => turn(seed, left) - turn(seed, right));
	return Array.from({ length: count }, (_, index) => {
		const { name, cores } = order[index % order.length] as Machine;
		const from = ((index + draw(seed, `neighbour-${index}/from`, [0, 1])) / count) * seconds;
		const lasts = draw(seed, `neighbour-${index}/lasts`, [NEIGHBOUR_LASTS.least, NEIGHBOUR_LASTS.most]);
		return {
			node: name,
			from,
			to: Math.min(seconds, from + lasts),
			cores: cores * draw(seed, `neighbour-${index}/cores`, [0.5, 0.9]),
		};
	});
}

function turn(seed: number, { name }: Machine): number {
	return uniform(seed, `closed-loop/${name}/turn`, 0);
}

/** The world of a script that begins when the world is `beganAt` seconds old. */
export function worldOf(script: Script, beganAt: number): WorldInput {
	const at = (seconds: number): string => `${(beganAt + seconds).toFixed(3)}s`;
	return {
		seed: script.seed,
		compression: COMPRESSION,
		noise: { latency: 0.05, load: 0.05, period: "2s" },
		nodes: Object.fromEntries(
			script.machines.map(({ name, speed, background }) => {
				const visits = script.neighbours.filter(({ node }) => node === name);
				const steps = visits.flatMap(({ from, to, cores }) => [
					{ at: at(from), value: background + cores },
					{ at: at(to), value: background },
				]);
				return [name, { speed, background: { base: background, steps } }];
			}),
		),
		apps: Object.fromEntries(
			script.apps.map(({ name, demand, serviceTime, baseLatency, sensitivity, peak }) => {
				const base = demand / serviceTime;
				const waves = [{ amplitude: WAVE.amplitude * base, period: `${WAVE.period}s`, peak: `${peak.toFixed(0)}s` }];
				const times = { serviceTime: `${serviceTime * 1000}ms`, baseLatency: `${baseLatency * 1000}ms` };
				return [name, { ...times, sensitivity, arrivalRate: { base, waves } }];
			}),
		),
	};
}
