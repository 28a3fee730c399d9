import type { Namespace } from "../cluster/state.ts";
import { isOptedOut } from "../policy/governing.ts";
import { type Skip, skip } from "./placement.ts";
import type { AdmissionPod } from "./pod.ts";

/** Label of a Namespace that opts its pods in. */
const ADMISSION_LABEL = "kubectl-qos.dev/admission";

const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(["kube-system", "kube-node-lease", "kube-public"]);
const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";
const DEFAULT_SCHEDULER = "default-scheduler";

export interface ExclusionContext {
	/** As the caches know it; absent when they do not. */
	readonly namespace: Namespace | undefined;
	/** The controller's own namespace: it must be able to start without itself. */
	readonly ownNamespace: string;
}

/** One reason to leave a pod alone that needs neither policy nor Deployment. */
type Exclusion = (pod: AdmissionPod, context: ExclusionContext) => Skip | undefined;

const EXCLUSIONS: readonly Exclusion[] = [
	excludedNamespace,
	namespaceNotEnabled,
	daemonSetPod,
	mirrorPod,
	alreadyBound,
	foreignScheduler,
	optedOut,
	notOwnedByDeployment,
];

/** The first reason that holds; `undefined` when admission may go on. */
export function exclusionOf(pod: AdmissionPod, context: ExclusionContext): Skip | undefined {
	for (const exclusion of EXCLUSIONS) {
		const found = exclusion(pod, context);
		if (found) return found;
	}
	return undefined;
}

function excludedNamespace(pod: AdmissionPod, { ownNamespace }: ExclusionContext): Skip | undefined {
	if (!SYSTEM_NAMESPACES.has(pod.namespace) && pod.namespace !== ownNamespace) return undefined;
	return skip("NamespaceExcluded", `namespace ${pod.namespace} is never touched`);
}

function namespaceNotEnabled(pod: AdmissionPod, { namespace }: ExclusionContext): Skip | undefined {
	if (namespace?.labels[ADMISSION_LABEL] === "enabled") return undefined;
	return skip("NamespaceNotEnabled", `namespace ${pod.namespace} has no label ${ADMISSION_LABEL}=enabled`);
}

/** Their node is chosen before admission; a node selector of ours would have them recreated without end. */
function daemonSetPod(pod: AdmissionPod): Skip | undefined {
	return pod.ownerKind === "DaemonSet" ? skip("DaemonSetPod", "a DaemonSet chooses its pods' nodes") : undefined;
}

function mirrorPod(pod: AdmissionPod): Skip | undefined {
	if (!Object.hasOwn(pod.annotations, MIRROR_ANNOTATION)) return undefined;
	return skip("MirrorPod", "a mirror pod runs already");
}

function alreadyBound(pod: AdmissionPod): Skip | undefined {
	return pod.nodeName === undefined ? undefined : skip("AlreadyBound", `the pod names its node ${pod.nodeName}`);
}

function foreignScheduler(pod: AdmissionPod): Skip | undefined {
	const { schedulerName } = pod.scheduling;
	if (schedulerName === DEFAULT_SCHEDULER) return undefined;
	return skip("ForeignScheduler", `scheduler ${schedulerName} decides by rules of its own`);
}

function optedOut(pod: AdmissionPod): Skip | undefined {
	return isOptedOut(pod) ? skip("OptedOut", "the pod opted out") : undefined;
}

function notOwnedByDeployment(pod: AdmissionPod): Skip | undefined {
	return pod.workload === undefined ? skip("NotOwnedByDeployment", "no Deployment owns the pod") : undefined;
}
