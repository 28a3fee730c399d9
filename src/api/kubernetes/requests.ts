import { z } from "zod";
import type { Resources } from "../../core/cluster/resources.ts";
import { parseQuantity } from "../v1alpha1/quantity.ts";

/** Quantities by resource name -> numbers in base units. */
export const resourcesSchema = z
	.record(z.string(), z.union([z.string(), z.number()]))
	.nullish()
	.transform((quantities, context): Resources => {
		const resources: Record<string, number> = {};
		for (const [name, quantity] of Object.entries(quantities ?? {})) {
			const value = parseQuantity(quantity);
			if (value === undefined) {
				context.issues.push({
					code: "custom",
					message: `"${quantity}" is not a quantity`,
					path: [name],
					input: quantity,
				});
				return z.NEVER;
			}
			resources[name] = value;
		}
		return resources;
	});

export const requirementsSchema = z.object({ requests: resourcesSchema, limits: resourcesSchema }).nullish();

export const containerResourcesSchema = z.object({
	name: z.string().default(""),
	resources: requirementsSchema,
	/** On init containers: `Always` makes a sidecar. */
	restartPolicy: z.string().nullish(),
});

type ContainerResources = Omit<z.output<typeof containerResourcesSchema>, "name">;
type Requirements = z.output<typeof requirementsSchema>;

export interface PodResources {
	readonly containers: readonly ContainerResources[];
	readonly initContainers: readonly ContainerResources[];
	readonly overhead: Resources;
	/** Requests of the pod as a whole. */
	readonly resources?: Requirements;
}

/**
 * What the scheduler reserves for a pod: the larger of what runs together (containers and sidecars) and of
 * the hungriest moment of initialization, then the pod's own requests where given, plus overhead.
 * As `PodRequests` of k8s.io/component-helpers computes it.
 */
export function effectiveRequests(pod: PodResources): Resources {
	let sidecars: Resources = {};
	let initial: Resources = {};
	for (const container of pod.initContainers) {
		const own = requestsOf(container.resources);
		const together = plus(sidecars, own);
		if (container.restartPolicy === "Always") sidecars = together;
		initial = larger(initial, together);
	}
	const running = pod.containers.reduce<Resources>((sum, { resources }) => plus(sum, requestsOf(resources)), sidecars);
	const together = larger(running, initial);
	return wholeUnits(plus({ ...together, ...podLevelRequests(pod.resources, together) }, pod.overhead));
}

/**
 * Requests of the pod as a whole, of the resources that may be given so. What is absent the API server fills
 * in for pods, from the containers or else the limits; hugepages only from the limits.
 */
function podLevelRequests(requirements: Requirements, containers: Resources): Resources {
	const { requests, limits } = requirements ?? { requests: {}, limits: {} };
	const result: Record<string, number> = {};
	for (const name of Object.keys({ ...limits, ...requests })) {
		const isHugePages = name.startsWith("hugepages-");
		if (name !== "cpu" && name !== "memory" && !isHugePages) continue;
		const amount = requests[name] ?? (isHugePages ? undefined : containers[name]) ?? limits[name];
		if (amount !== undefined) result[name] = amount;
	}
	return result;
}

/**
 * Cores that the containers may use together, and the pod as a whole; `undefined` where nothing limits them.
 * @param running containers and sidecars
 */
export function cpuLimit(
	pod: Requirements,
	running: readonly Pick<ContainerResources, "resources">[],
): number | undefined {
	const ofContainers = running.reduce((sum, { resources }) => sum + cpuLimitOf(resources), 0);
	const limit = Math.min(ofContainers, cpuLimitOf(pod));
	return Number.isFinite(limit) ? limit : undefined;
}

/** 0 is none, as for the kubelet. */
function cpuLimitOf(requirements: Requirements): number {
	return requirements?.limits["cpu"] || Number.POSITIVE_INFINITY;
}

/** The scheduler counts CPU in thousandths and all else in whole units, rounded up. */
export function wholeUnits(resources: Resources): Resources {
	const rounded = Object.entries(resources).map(([name, amount]) => {
		const units = name === "cpu" ? 1000 : 1;
		return [name, Math.ceil(Number((amount * units).toPrecision(15))) / units] as const;
	});
	return Object.fromEntries(rounded);
}

/** The API server takes limits for requests that are not given; templates still show them as written. */
function requestsOf(requirements: Requirements): Resources {
	return { ...requirements?.limits, ...requirements?.requests };
}

function plus(left: Resources, right: Resources): Resources {
	return combined(left, right, (a, b) => a + b);
}

/** Of each resource the larger amount. */
export function larger(left: Resources, right: Resources): Resources {
	return combined(left, right, Math.max);
}

function combined(left: Resources, right: Resources, combine: (a: number, b: number) => number): Resources {
	const result: Record<string, number> = { ...left };
	for (const [name, amount] of Object.entries(right)) result[name] = combine(result[name] ?? 0, amount);
	return result;
}
