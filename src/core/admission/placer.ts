import type { WorkloadKey } from "../cluster/workload.ts";
import { feasibilityContext } from "../evaluation/assess.ts";
import { feasibilityChecker } from "../feasibility/checker.ts";
import { standingOf } from "../migration/history.ts";
import { rfc3339 } from "../timestamp.ts";
import { AdmittedPods } from "./admitted.ts";
import type { ChoiceContext, Chosen } from "./chooser.ts";
import { exclusionOf } from "./exclusions.ts";
import { expressedPlacement, namespaceSelector } from "./expressed.ts";
import { type Governed, governanceOf } from "./governance.ts";
import { type PlacementDecision, skip } from "./placement.ts";
import type { AdmissionPod } from "./pod.ts";
import { siblingsOf } from "./siblings.ts";
import { Snapshots } from "./snapshots.ts";
import { Turns } from "./turns.ts";
import type { AdmissionView } from "./view.ts";

export interface PlacerOptions {
	/** The controller's own namespace: its pods are never touched. */
	readonly ownNamespace: string;
}

/** What one admission is subject to. */
export interface Circumstances {
	/** Nothing may be reserved. */
	readonly dryRun: boolean;
	/** Aborted once nobody waits for the decision: then nothing may be reserved either. */
	readonly signal?: AbortSignal | undefined;
}

/** Significant digits of the predicted value in the placement annotation. */
const DIGITS = 4;

const SETTLE_EVERY_MS = 100;

/** Decides where new pods go, and remembers what it has decided until the measurements show it. */
export class Placer {
	private readonly options: PlacerOptions;
	private readonly snapshots = new Snapshots();
	private readonly admitted = new AdmittedPods();
	/** Choices for one workload share its order of nodes. */
	private readonly turns = new Turns<WorkloadKey>();
	private settledAt = Number.NEGATIVE_INFINITY;

	constructor(options: PlacerOptions) {
		this.options = options;
	}

	/** exclude -> govern -> respect what is expressed -> rank -> first feasible -> reserve. Rejects never by design. */
	async place(pod: AdmissionPod, view: AdmissionView, circumstances: Circumstances): Promise<PlacementDecision> {
		const namespace = view.cluster.namespaces.get(pod.namespace);
		const excluded = exclusionOf(pod, { namespace, ownNamespace: this.options.ownNamespace });
		if (excluded) return excluded;
		const governed = governanceOf(pod, view);
		if ("kind" in governed) return governed;
		const expressed = expressedPlacement(pod, { ...governed, namespace });
		if (expressed) return expressed;
		return this.turns.take(governed.workload.key, () => this.choose(pod, governed, { view, circumstances }));
	}

	/**
	 * Prepares for the admissions to come: call it after every collection of metrics, and when a Deployment
	 * or a policy appears. `pause` lets other work have the event loop between two workloads.
	 */
	async warm(view: AdmissionView, pause: () => Promise<void>): Promise<void> {
		this.admitted.sweep(view);
		this.admitted.release(view);
		this.admitted.adopt(view);
		await this.snapshots.warm(view, pause);
	}

	/** Of other workloads' pods only the sums matter, so that they are looked at now and then is enough. */
	private settle(workload: WorkloadKey, view: AdmissionView): void {
		if (Math.abs(view.now - this.settledAt) < SETTLE_EVERY_MS) {
			this.admitted.settleWorkload(workload, view);
			return;
		}
		this.settledAt = view.now;
		this.admitted.settle(view);
	}

	private async choose(
		pod: AdmissionPod,
		governed: Governed,
		{ view, circumstances }: { readonly view: AdmissionView; readonly circumstances: Circumstances },
	): Promise<PlacementDecision> {
		this.settle(governed.workload.key, view);
		const ranking = await this.snapshots.current(view).rankingOf(governed, view);
		if ("kind" in ranking) return ranking;
		const { predictions, chooser } = ranking;
		const choice = await chooser.choose(this.context(pod, governed, view));
		if (!choice.found) return skip("NoFeasibleNode", choice.message);
		// Nothing is awaited between the choice and its reservation, so no other admission comes between.
		if (!circumstances.dryRun && circumstances.signal?.aborted !== true) {
			const { node } = choice;
			this.admitted.reserve(pod, { node, cpuCores: predictions.cpuCoresOn(node) }, view);
		}
		return placement(governed, choice, predictions.preparation.inputs.now);
	}

	private context(pod: AdmissionPod, governed: Governed, view: AdmissionView): ChoiceContext {
		const { cluster, ledger, now } = view;
		const { workload, policy } = governed;
		const { quarantined } = standingOf(workload.key, cluster.migrations.values(), policy, now);
		const nodeSelector = {
			...namespaceSelector(cluster.namespaces.get(pod.namespace)),
			...pod.scheduling.nodeSelector,
		};
		const wanted = {
			namespace: pod.namespace,
			labels: pod.labels,
			scheduling: { ...pod.scheduling, nodeSelector },
			workload: workload.key,
			replacing: new Set<string>(),
		};
		return {
			node: (name) => cluster.nodes.get(name),
			checker: () => {
				let check: ReturnType<typeof feasibilityChecker> | undefined;
				return (node) => {
					check ??= feasibilityChecker(
						wanted,
						feasibilityContext(governed, { cluster: this.admitted.within(cluster, pod), ledger, quarantined }),
					);
					return check(node);
				};
			},
			siblings: () => siblingsOf(pod, workload, (node) => this.admitted.podsOn(node, cluster)),
		};
	}
}

function placement({ policy }: Governed, { node, domain, predicted }: Chosen, observedAt: number): PlacementDecision {
	const { topologyKey, enforcement } = policy.placement;
	return {
		kind: "Place",
		topologyKey,
		domain,
		node,
		enforcement,
		record: {
			node,
			domain,
			predicted: Number(predicted.value.toPrecision(DIGITS)),
			policy: policy.name,
			observedAt: rfc3339(observedAt),
		},
	};
}
