import { occupiesNode, type Pod } from "../cluster/pod.ts";
import type { ClusterState } from "../cluster/state.ts";
import type { WorkloadKey } from "../cluster/workload.ts";
import { NODE_CPU_USAGE } from "../features/definitions.ts";
import type { Ledger, Reservation } from "../features/ledger.ts";
import type { MetricReader } from "../metrics/metric.ts";
import { placementOf } from "../migration/annotations.ts";
import { podRequests } from "../migration/reservation.ts";
import type { AdmissionPod } from "./pod.ts";
import { StandIns } from "./stand-ins.ts";
import type { AdmissionView } from "./view.ts";

/** A pod that is not in the caches so long after its admission was never created. */
const CREATED_WITHIN_MS = 30_000;
/** Clocks of the API server and of this process may differ by so much; pods' times are whole seconds. */
const CLOCK_SKEW_MS = 5_000;
/** Pods placed by another replica, or before a restart, are taken over while they are this young. */
const ADOPTED_WITHIN_MS = 120_000;
/** No reservation outlives this, whatever the metrics show. */
const LONGEST_MS = 600_000;
/** CPU that the scheduler assumes of a container without a request. */
const ASSUMED_CPU = 0.1;

interface Running {
	readonly reservation: Reservation;
	/** When it was first seen Ready. */
	readyAt: number | undefined;
	/** Measurements show it; remembered so that it is not adopted again. */
	isShown: boolean;
}

/**
 * Keeps the ledger's reservations for admitted pods, from the admission until measurements show the load:
 * at admission a pod has no uid yet, so a reservation is first held under the review's, then tied to the
 * pod that came of it.
 */
export class AdmittedPods {
	private readonly unseen = new Map<WorkloadKey, Map<string, Reservation>>();
	private readonly running = new Map<string, Running>();
	private readonly standIns = new StandIns();

	/** Reserves what the pod will need where it was sent; at once, so that the next one sees it. */
	reserve(pod: AdmissionPod, placed: { node: string; cpuCores: number }, { ledger, now }: AdmissionView): void {
		if (!pod.workload) return;
		const reservation: Reservation = {
			id: pod.uid,
			workload: pod.workload,
			...placed,
			requests: podRequests(pod.scheduling.requests),
			createdAt: now,
		};
		ledger.reserve(reservation);
		this.standIns.add(pod, placed.node, now);
		const ofWorkload = this.unseen.get(pod.workload) ?? new Map<string, Reservation>();
		this.unseen.set(pod.workload, ofWorkload.set(pod.uid, reservation));
	}

	/** The cluster with the pods that were admitted and are not seen bound yet. */
	within(cluster: ClusterState): ClusterState {
		return this.standIns.within(cluster);
	}

	/** Ties reservations to the pods that the caches show by now, and drops those of pods that never came. */
	settle(view: Pick<AdmissionView, "cluster" | "ledger" | "now">): void {
		for (const workload of this.unseen.keys()) this.settleWorkload(workload, view);
	}

	/** The same for one workload. */
	settleWorkload(
		workload: WorkloadKey,
		{ cluster, ledger, now }: Pick<AdmissionView, "cluster" | "ledger" | "now">,
	): void {
		const reservations = this.unseen.get(workload);
		if (!reservations) return;
		const { bound, waiting } = this.newPods(workload, reservations, cluster);
		for (const reservation of reservations.values()) {
			const pod = takePod(bound, reservation.node);
			if (!pod) break;
			this.forgetUnseen(reservation, ledger);
			this.run({ ...reservation, id: pod.uid, node: pod.nodeName ?? reservation.node }, ledger);
		}
		const late = [...reservations.values()].filter(({ createdAt }) => now - createdAt > CREATED_WITHIN_MS);
		for (const reservation of late.slice(0, Math.max(0, reservations.size - waiting))) {
			this.forgetUnseen(reservation, ledger);
		}
		if (reservations.size === 0) this.unseen.delete(workload);
	}

	/** Takes over pods that another replica placed, so that their load counts here too. */
	adopt({ cluster, ledger, now }: Pick<AdmissionView, "cluster" | "ledger" | "now">): void {
		for (const pod of cluster.pods.values()) {
			if (now - pod.createdAt > ADOPTED_WITHIN_MS || !isRunning(pod)) continue;
			if (!pod.workload || this.running.has(pod.uid) || this.unseen.has(pod.workload)) continue;
			if (placementOf(pod.annotations) === undefined) continue;
			const { requests } = pod.scheduling;
			this.run(
				{
					id: pod.uid,
					workload: pod.workload,
					node: pod.nodeName ?? "",
					requests: podRequests(requests),
					cpuCores: requests["cpu"] ?? ASSUMED_CPU,
					createdAt: pod.createdAt,
				},
				ledger,
			);
		}
	}

	/** Releases what measurements show by now, and what is gone. */
	release({ cluster, ledger, metrics, now }: Pick<AdmissionView, "cluster" | "ledger" | "metrics" | "now">): void {
		for (const [uid, running] of this.running) {
			const pod = cluster.pods.get(uid);
			if (pod?.ready) running.readyAt ??= now;
			running.isShown ||= isMeasured(running, metrics, now);
			const age = now - running.reservation.createdAt;
			const isOver = age > LONGEST_MS || !isRunning(pod);
			if (isOver || running.isShown) ledger.release(uid);
			if (isOver || (running.isShown && age > ADOPTED_WITHIN_MS + CLOCK_SKEW_MS)) this.running.delete(uid);
		}
	}

	/** Pods of a workload that may have come of its reservations, oldest first. */
	private newPods(workload: WorkloadKey, reservations: ReadonlyMap<string, Reservation>, cluster: ClusterState) {
		const [oldest] = reservations.values();
		const since = (oldest?.createdAt ?? 0) - CLOCK_SKEW_MS;
		const bound: Pod[] = [];
		let waiting = 0;
		for (const pod of cluster.podsByWorkload.get(workload) ?? []) {
			if (pod.createdAt < since || pod.terminating || this.running.has(pod.uid)) continue;
			if (pod.nodeName === undefined) waiting += 1;
			else if (occupiesNode(pod)) bound.push(pod);
		}
		return { bound: bound.sort((left, right) => left.createdAt - right.createdAt), waiting };
	}

	private run(reservation: Reservation, ledger: Ledger): void {
		this.running.set(reservation.id, { reservation, readyAt: undefined, isShown: false });
		ledger.reserve(reservation);
	}

	private forgetUnseen(reservation: Reservation, ledger: Ledger): void {
		this.unseen.get(reservation.workload)?.delete(reservation.id);
		this.standIns.remove(reservation.id);
		ledger.release(reservation.id);
	}
}

function isRunning(pod: Pod | undefined): pod is Pod {
	return pod !== undefined && occupiesNode(pod) && !pod.terminating;
}

/** Removes and returns a pod on the node, else any: the scheduler may have decided otherwise. */
function takePod(pods: Pod[], node: string): Pod | undefined {
	const index = pods.findIndex(({ nodeName }) => nodeName === node);
	return pods.splice(Math.max(index, 0), 1)[0];
}

/** Whether the node's CPU use was measured a full step after the pod became Ready. */
function isMeasured({ reservation, readyAt }: Running, metrics: MetricReader, now: number): boolean {
	if (readyAt === undefined) return false;
	const usage = metrics.latest(NODE_CPU_USAGE, reservation.node, now);
	return usage.known && usage.at >= readyAt + metrics.stepSeconds * 1000;
}
