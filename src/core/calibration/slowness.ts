import type { WorkloadKey } from "../cluster/workload.ts";
import { within } from "./residual.ts";

/** Share of a new observation in what is remembered of the last ones, and of CPU use in what is usual of it. */
const GAIN = 0.4;
const USUAL_GAIN = 0.02;

/** Steps after which half of what was seen counts no more when nobody is there to see it, in windows. */
const HALF_LIFE_WINDOWS = 6;
const FORGOTTEN = 0.05;

/**
 * What a workload says of its node, as a share of a node's own say: one that uses more CPU too has more work, it
 * seems, and so may one whose CPU is not known.
 */
const WITHOUT_MORE_WORK = 1;
const WITH_MORE_WORK = 0.1;

/** More CPU explains a longer time when it grew by this share of it. */
const EXPLAINING = 0.5;

/** Squared standard errors by which a deviation is shrunk, see `significantMean`. */
const EVIDENCE = 6;

/** A node is taken for at most four times as slow or fast as usual. */
const LIMIT = Math.log(4);

/** How long one workload's work took on one node, next to what is usual of the two. */
export interface Deviation {
	readonly workload: WorkloadKey;
	readonly node: string;
	/** Logarithm of actual over usual, the effect of the node's load taken out of both. */
	readonly logarithm: number;
	/** Standard deviation of it as it is usual. */
	readonly sigma: number;
	/** Cores that the workload used; `undefined`: Unknown. */
	readonly cpuCores: number | undefined;
}

interface Observed {
	mean: number;
	sigma: number;
	/** Logarithms of cores used. */
	cpu: { usual: number; now: number } | undefined;
	/** 1 when seen in this step; less the longer ago it was. */
	freshness: number;
}

/**
 * Which nodes are slower than usual just now beyond what their load explains: a lower clock, CPU stolen by other
 * machines, a neighbour that no metric shows. It is what their workloads have in common and those elsewhere have not,
 * as a random effect that weighs as much as one workload's own:
 *
 *     log slowness = sum(weight * deviation) / (sum(weight) + 1), shrunk to what is more than chance
 *
 * One workload alone is thus believed half: it may as well be a change of its own that it would take along.
 */
export class NodeSlowness {
	private readonly byNode = new Map<string, Map<WorkloadKey, Observed>>();
	private fitted: ReadonlyMap<string, number> | undefined;

	/** One step of the metrics has passed; `steps` of them are a window. */
	passed(steps: number): void {
		const kept = 0.5 ** (1 / (HALF_LIFE_WINDOWS * steps));
		for (const [node, workloads] of this.byNode) {
			for (const [workload, observed] of workloads) {
				observed.freshness *= kept;
				if (observed.freshness < FORGOTTEN) workloads.delete(workload);
			}
			if (workloads.size === 0) this.byNode.delete(node);
		}
		this.fitted = undefined;
	}

	observe({ workload, node, logarithm, sigma, cpuCores }: Deviation): void {
		const workloads = this.byNode.get(node) ?? new Map<WorkloadKey, Observed>();
		this.byNode.set(node, workloads);
		const cpu = cpuCores !== undefined && cpuCores > 0 ? Math.log(cpuCores) : undefined;
		const before = workloads.get(workload) ?? { mean: 0, cpu: undefined };
		workloads.set(workload, {
			mean: before.mean + GAIN * (logarithm - before.mean),
			sigma,
			cpu: cpu === undefined ? undefined : used(before.cpu ?? { usual: cpu, now: cpu }, cpu),
			freshness: 1,
		});
		this.fitted = undefined;
	}

	forget(workload: WorkloadKey, node?: string): void {
		for (const [name, workloads] of this.byNode) if (node === undefined || node === name) workloads.delete(workload);
		this.fitted = undefined;
	}

	of(node: string): number {
		this.fitted ??= this.fit();
		return this.fitted.get(node) ?? 1;
	}

	private fit(): ReadonlyMap<string, number> {
		const nodes = Array.from(this.byNode, ([node, workloads]) => ({ node, observed: [...workloads.values()] }));
		const fresh = nodes.map(({ observed }) => sumOf(observed.filter(({ freshness }) => freshness === 1)));
		const weight = fresh.reduce((sum, own) => sum + own.weight, 0);
		const total = fresh.reduce((sum, own) => sum + own.total, 0);
		return new Map(
			nodes.map(({ node, observed }, index) => {
				const { weight: ownWeight, total: ownTotal } = fresh[index] as Sum;
				const elsewhere = (total - ownTotal) / (weight - ownWeight + 1);
				return [node, Math.exp(within(effectOf(sumOf(observed), elsewhere), LIMIT))];
			}),
		);
	}
}

function used({ usual, now }: { usual: number; now: number }, cpu: number): { usual: number; now: number } {
	return { usual: usual + USUAL_GAIN * (cpu - usual), now: now + GAIN * (cpu - now) };
}

interface Sum {
	readonly weight: number;
	/** Of deviations by their weights. */
	readonly total: number;
	/** Variance of the total. */
	readonly variance: number;
}

function sumOf(observed: readonly Observed[]): Sum {
	let [sum, total, variance] = [0, 0, 0];
	for (const one of observed) {
		const weight = one.freshness * say(one);
		sum += weight;
		total += weight * one.mean;
		variance += (weight * one.sigma) ** 2;
	}
	return { weight: sum, total, variance };
}

function say({ mean, sigma, cpu }: Observed): number {
	if (Math.abs(mean) <= sigma) return WITHOUT_MORE_WORK;
	return !cpu || (cpu.now - cpu.usual) / mean >= EXPLAINING ? WITH_MORE_WORK : WITHOUT_MORE_WORK;
}

/** What nodes elsewhere have of the same is nobody's own. */
function effectOf({ weight, total, variance }: Sum, elsewhere: number): number {
	if (total === 0) return 0;
	const share = Math.min(1, Math.max(0, elsewhere / (total / weight)));
	const own = total * (1 - share);
	return own === 0 ? 0 : (own / (weight + 1)) * Math.max(0, 1 - (EVIDENCE * variance) / own ** 2);
}
