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

interface Unseen {
	readonly reservation: Reservation;
	/** Of the pods on the node, when they were last looked at. */
	revision: number | undefined;
}

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
	private readonly unseen = new Map<WorkloadKey, Map<string, Unseen>>();
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
		const ofWorkload = this.unseen.get(pod.workload) ?? new Map<string, Unseen>();
		this.unseen.set(pod.workload, ofWorkload.set(pod.uid, { reservation, revision: undefined }));
	}

	/** The cluster as feasibility must see it for a pod: with those that were admitted and are not seen bound yet. */
	within(cluster: ClusterState, pod: Pick<AdmissionPod, "scheduling">): ClusterState {
		return this.standIns.within(cluster, pod);
	}

	/** A node's pods, with those that were admitted and are not seen bound yet. */
	*podsOn(node: string, cluster: ClusterState): Iterable<Pod> {
		yield* cluster.podsByNode.get(node) ?? [];
		yield* this.standIns.on(node);
	}

	/** Ties a workload's reservations to pods that were bound where they were sent: cheap, for every admission. */
	settleWorkload(workload: WorkloadKey, { cluster, ledger }: Pick<AdmissionView, "cluster" | "ledger">): void {
		for (const unseen of this.unseen.get(workload)?.values() ?? []) {
			const { reservation } = unseen;
			const revision = cluster.podRevisions?.get(reservation.node);
			if (revision !== undefined && revision === unseen.revision) continue;
			unseen.revision = revision;
			for (const pod of cluster.podsByNode.get(reservation.node) ?? []) {
				if (!this.mayHaveComeOf(reservation, pod)) continue;
				this.tie(reservation, pod, ledger);
				break;
			}
		}
	}

	/** The same for all workloads. */
	settle(view: Pick<AdmissionView, "cluster" | "ledger">): void {
		for (const workload of this.unseen.keys()) this.settleWorkload(workload, view);
	}

	/** Ties what is left to pods that were bound elsewhere, and drops the reservations of pods that never came. */
	sweep(view: Pick<AdmissionView, "cluster" | "ledger" | "now">): void {
		this.settle(view);
		const { cluster, ledger, now } = view;
		for (const [workload, reservations] of this.unseen) {
			const pods = [...(cluster.podsByWorkload.get(workload) ?? [])];
			for (const { reservation } of reservations.values()) {
				const pod = pods.find((pod) => this.mayHaveComeOf(reservation, pod));
				if (pod) this.tie(reservation, pod, ledger);
			}
			const late = [...reservations.values()].filter(
				// In which direction the time has gone is all the same: a clock may be set back.
				({ reservation }) => Math.abs(now - reservation.createdAt) > CREATED_WITHIN_MS,
			);
			const waiting = pods.filter((pod) => pod.nodeName === undefined && !pod.terminating).length;
			for (const { reservation } of late.slice(0, Math.max(0, reservations.size - waiting))) {
				this.forgetUnseen(reservation);
				ledger.release(reservation.id);
			}
			if (reservations.size === 0) this.unseen.delete(workload);
		}
	}

	/** Takes over pods that another replica placed, so that their load counts here too. */
	adopt({ cluster, ledger, now }: Pick<AdmissionView, "cluster" | "ledger" | "now">): void {
		for (const pod of cluster.pods.values()) {
			if (now - pod.createdAt > ADOPTED_WITHIN_MS || !isRunning(pod)) continue;
			if (!pod.workload || this.running.has(pod.uid) || this.unseen.has(pod.workload)) continue;
			const record = placementOf(pod.annotations);
			// A pod of a move is in the ledger as the move.
			if (!record || record.migration !== undefined) continue;
			const { requests } = pod.scheduling;
			const reservation: Reservation = {
				id: pod.uid,
				workload: pod.workload,
				node: pod.nodeName ?? "",
				requests: podRequests(requests),
				cpuCores: requests["cpu"] ?? ASSUMED_CPU,
				createdAt: pod.createdAt,
			};
			ledger.reserve(reservation);
			this.running.set(pod.uid, { reservation, readyAt: undefined, isShown: false });
		}
	}

	/** Releases what measurements show by now, and what is gone. */
	release({ cluster, ledger, metrics, now }: Pick<AdmissionView, "cluster" | "ledger" | "metrics" | "now">): void {
		for (const [uid, running] of this.running) {
			const pod = cluster.pods.get(uid);
			if (pod?.ready) running.readyAt = Math.min(running.readyAt ?? now, now);
			running.isShown ||= isMeasured(running, metrics, now);
			const age = now - running.reservation.createdAt;
			const isOver = age > LONGEST_MS || !isRunning(pod);
			if (isOver || running.isShown) ledger.release(uid);
			if (isOver || (running.isShown && age > ADOPTED_WITHIN_MS + CLOCK_SKEW_MS)) this.running.delete(uid);
		}
	}

	private mayHaveComeOf({ workload, createdAt }: Reservation, pod: Pod): boolean {
		return (
			pod.workload === workload &&
			pod.createdAt >= createdAt - CLOCK_SKEW_MS &&
			isRunning(pod) &&
			!this.running.has(pod.uid)
		);
	}

	private tie(reservation: Reservation, pod: Pod, ledger: Ledger): void {
		const to = { id: pod.uid, node: pod.nodeName ?? reservation.node };
		this.forgetUnseen(reservation);
		ledger.transfer(reservation.id, to);
		this.running.set(to.id, { reservation: { ...reservation, ...to }, readyAt: undefined, isShown: false });
	}

	private forgetUnseen(reservation: Reservation): void {
		this.unseen.get(reservation.workload)?.delete(reservation.id);
		this.standIns.remove(reservation.id);
	}
}

function isRunning(pod: Pod | undefined): pod is Pod {
	return pod !== undefined && occupiesNode(pod) && !pod.terminating;
}

/** Whether the node's CPU use was measured a full step after the pod became Ready. */
function isMeasured({ reservation, readyAt }: Running, metrics: MetricReader, now: number): boolean {
	if (readyAt === undefined) return false;
	const usage = metrics.latest(NODE_CPU_USAGE, reservation.node, now);
	return usage.known && usage.at >= readyAt + metrics.stepSeconds * 1000;
}
