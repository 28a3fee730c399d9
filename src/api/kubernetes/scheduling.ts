import { z } from "zod";
import type { HostPort, PodAffinityTerm, SchedulingSpec, TopologySpreadConstraint } from "../../core/cluster/pod.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../../core/cluster/selectors.ts";
import { labelSelectorSchema } from "../v1alpha1/parse.ts";
import { stringsSchema } from "./metadata.ts";
import { containerResourcesSchema, cpuLimit, effectiveRequests, resourcesSchema } from "./requests.ts";

function list<T extends z.ZodType>(item: T) {
	return z
		.array(item)
		.nullish()
		.transform((items) => items ?? []);
}

const nodeRequirements = z
	.array(
		z.object({
			key: z.string(),
			operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
			values: z.array(z.string()).optional(),
		}),
	)
	.optional();

/** One term of a required node affinity, or the preference of a preferred one. */
export const nodeSelectorTermSchema = z.object({ matchExpressions: nodeRequirements, matchFields: nodeRequirements });

/** The alternatives of a required node affinity. */
export const nodeSelectorSchema = z.object({ nodeSelectorTerms: list(nodeSelectorTermSchema) });

const podAffinity = z
	.object({
		requiredDuringSchedulingIgnoredDuringExecution: list(
			z.object({
				topologyKey: z.string(),
				labelSelector: labelSelectorSchema.nullish(),
				namespaces: list(z.string()),
				namespaceSelector: labelSelectorSchema.nullish(),
				matchLabelKeys: list(z.string()),
				mismatchLabelKeys: list(z.string()),
			}),
		),
	})
	.nullish();

const topologySpread = z.object({
	topologyKey: z.string(),
	maxSkew: z.number(),
	minDomains: z.number().nullish(),
	whenUnsatisfiable: z.enum(["DoNotSchedule", "ScheduleAnyway"]),
	labelSelector: labelSelectorSchema.nullish(),
	matchLabelKeys: list(z.string()),
	nodeAffinityPolicy: z.enum(["Honor", "Ignore"]).nullish(),
	nodeTaintsPolicy: z.enum(["Honor", "Ignore"]).nullish(),
});

const toleration = z.object({
	key: z.string().optional(),
	operator: z.enum(["Exists", "Equal", "Lt", "Gt"]).default("Equal"),
	value: z.string().default(""),
	effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
});

const container = containerResourcesSchema.extend({
	ports: list(
		z.object({
			containerPort: z.number().default(0),
			hostPort: z.number().default(0),
			hostIP: z.string().default(""),
			protocol: z.string().default("TCP"),
		}),
	),
});

const volume = z.object({
	name: z.string(),
	persistentVolumeClaim: z.object({ claimName: z.string() }).nullish(),
	ephemeral: z.object({}).nullish(),
});

/** What the scheduler reads of the spec of a pod or of a pod template. */
export const podSpecSchema = z.object({
	nodeName: z.string().optional(),
	schedulerName: z.string().default("default-scheduler"),
	hostNetwork: z.boolean().default(false),
	nodeSelector: stringsSchema,
	affinity: z
		.object({
			nodeAffinity: z
				.object({ requiredDuringSchedulingIgnoredDuringExecution: nodeSelectorSchema.nullish() })
				.nullish(),
			podAffinity,
			podAntiAffinity: podAffinity,
		})
		.nullish(),
	tolerations: list(toleration),
	topologySpreadConstraints: list(topologySpread),
	containers: list(container),
	initContainers: list(container),
	overhead: resourcesSchema,
	resources: containerResourcesSchema.shape.resources,
	volumes: list(volume),
});

export type PodSpec = z.output<typeof podSpecSchema>;

/** Whose spec it is. */
export interface PodIdentity {
	readonly labels: Readonly<Record<string, string>>;
	/** Absent for a template. */
	readonly name?: string | undefined;
}

/** The scheduler's view of a pod spec that `podSpecSchema` has read. */
export function schedulingOf(spec: PodSpec, pod: PodIdentity): SchedulingSpec {
	const running = [
		...spec.containers,
		...spec.initContainers.filter(({ restartPolicy }) => restartPolicy === "Always"),
	];
	return {
		requests: effectiveRequests(spec),
		cpuLimit: cpuLimit(spec.resources, running),
		schedulerName: spec.schedulerName,
		nodeSelector: spec.nodeSelector,
		nodeAffinity: spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
		podAffinity: affinityTerms(spec.affinity?.podAffinity, pod),
		podAntiAffinity: affinityTerms(spec.affinity?.podAntiAffinity, pod),
		tolerations: spec.tolerations.map(({ key, operator, value, effect }) => ({ key, operator, value, effect })),
		topologySpread: spec.topologySpreadConstraints.map((constraint) => spreadOf(constraint, pod)),
		hostPorts: running.flatMap(({ ports }) => ports.flatMap((port) => hostPortOf(port, spec.hostNetwork))),
		volumeClaims: spec.volumes.flatMap((volume) => claimOf(volume, pod)),
	};
}

function affinityTerms(affinity: z.output<typeof podAffinity>, { labels }: PodIdentity): PodAffinityTerm[] {
	return (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => {
		const selector = term.labelSelector ?? undefined;
		const added = [
			...sameLabels(term.matchLabelKeys, "In", labels),
			...sameLabels(term.mismatchLabelKeys, "NotIn", labels),
		];
		return {
			topologyKey: term.topologyKey,
			labelSelector: selector && withRequirements(selector, added),
			namespaces: term.namespaces,
			namespaceSelector: term.namespaceSelector ?? undefined,
		};
	});
}

function spreadOf(constraint: z.output<typeof topologySpread>, { labels }: PodIdentity): TopologySpreadConstraint {
	const selector = constraint.labelSelector ?? undefined;
	return {
		topologyKey: constraint.topologyKey,
		maxSkew: constraint.maxSkew,
		minDomains: constraint.minDomains ?? undefined,
		whenUnsatisfiable: constraint.whenUnsatisfiable,
		labelSelector: selector && withRequirements(selector, sameLabels(constraint.matchLabelKeys, "In", labels)),
		nodeAffinityPolicy: constraint.nodeAffinityPolicy ?? "Honor",
		nodeTaintsPolicy: constraint.nodeTaintsPolicy ?? "Ignore",
	};
}

/** `matchLabelKeys`: the pod's own value of a label, where it has the label. */
function sameLabels(
	keys: readonly string[],
	operator: "In" | "NotIn",
	labels: PodIdentity["labels"],
): LabelSelectorRequirement[] {
	return keys.flatMap((key) => {
		const value = labels[key];
		return value === undefined ? [] : [{ key, operator, values: [value] }];
	});
}

function withRequirements(selector: LabelSelector, added: readonly LabelSelectorRequirement[]): LabelSelector {
	if (added.length === 0) return selector;
	return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...added] };
}

/** On the host's network every port is the host's; the API server writes that into pods, not into templates. */
function hostPortOf(given: z.output<typeof container>["ports"][number], hostNetwork: boolean): HostPort[] {
	const port = given.hostPort === 0 && hostNetwork ? given.containerPort : given.hostPort;
	return port > 0 ? [{ ip: given.hostIP === "" ? "0.0.0.0" : given.hostIP, protocol: given.protocol, port }] : [];
}

/** An ephemeral volume's claim is named after pod and volume. */
function claimOf(given: z.output<typeof volume>, pod: PodIdentity): string[] {
	if (given.persistentVolumeClaim) return [given.persistentVolumeClaim.claimName];
	return given.ephemeral && pod.name !== undefined ? [`${pod.name}-${given.name}`] : [];
}
