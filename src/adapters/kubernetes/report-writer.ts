import { API_VERSION, resourcePath } from "../../api/v1alpha1/group.ts";
import { type QoSReportStatus, type ReportContext, toReportStatus } from "../../api/v1alpha1/report.ts";
import type { ClusterState } from "../../core/cluster/state.ts";
import type { Workload, WorkloadKey } from "../../core/cluster/workload.ts";
import type { Evaluation } from "../../core/recommendation/recommendation.ts";
import { forEachConcurrently } from "../../http/concurrency.ts";
import type { KubernetesConnection } from "./connection.ts";
import { ApiError } from "./errors.ts";
import type { Log } from "./log.ts";
import { isNews } from "./report-changes.ts";
import type { ReportHead } from "./report-head.ts";

export interface ReportWriterOptions {
	readonly connection: KubernetesConnection;
	readonly cluster: {
		state(): Pick<ClusterState, "workloads">;
		reports(): ReadonlyMap<string, ReportHead>;
	};
	/** ms since the epoch. */
	readonly clock: () => number;
	readonly log: Log;
	/** A report that says nothing new is still written this often, so that its age shows who is alive; default 60. */
	readonly heartbeatSeconds?: number;
}

export interface Report {
	readonly evaluation: Evaluation;
	readonly context: ReportContext;
}

const CONCURRENCY = 8;

/** Keeps one QoSReport per governed Deployment. */
export class ReportWriter {
	private readonly options: ReportWriterOptions;
	private readonly written = new Map<WorkloadKey, { readonly status: QoSReportStatus; readonly at: number }>();

	constructor(options: ReportWriterOptions) {
		this.options = options;
	}

	/** Writes what is new or due, and resolves to how many were written. Never rejects; failures are logged. */
	async write(reports: Iterable<Report>): Promise<number> {
		let count = 0;
		await forEachConcurrently(reports, CONCURRENCY, async ({ evaluation, context }) => {
			const { log } = this.options;
			try {
				if (await this.writeOne(evaluation.workload, toReportStatus(evaluation, context))) count++;
			} catch (error) {
				this.written.delete(evaluation.workload);
				log.warn({ workload: evaluation.workload, error: messageOf(error) }, "report not written");
			}
		});
		return count;
	}

	/** Deletes the reports of Deployments that are not governed (any more). Never rejects. */
	async prune(governed: ReadonlySet<WorkloadKey>): Promise<void> {
		const { cluster, connection, log } = this.options;
		for (const key of this.written.keys()) if (!governed.has(key)) this.written.delete(key);
		const superfluous = [...cluster.reports()].filter(([key]) => !governed.has(key as WorkloadKey));
		await forEachConcurrently(superfluous, CONCURRENCY, async ([key, { namespace, name, uid }]) => {
			try {
				await connection.request({
					method: "DELETE",
					path: resourcePath("QoSReport", namespace, name),
					body: { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } },
				});
			} catch (error) {
				if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return;
				log.warn({ report: key, error: messageOf(error) }, "report not deleted");
			}
		});
	}

	private async writeOne(key: WorkloadKey, status: QoSReportStatus): Promise<boolean> {
		const { clock, cluster, heartbeatSeconds = 60 } = this.options;
		const workload = cluster.state().workloads.get(key);
		if (!workload) return false;
		const previous = this.written.get(key);
		const isDue = !previous || clock() - previous.at >= heartbeatSeconds * 1000 || !cluster.reports().has(key);
		if (previous && !isDue && !isNews(previous.status, status)) return false;
		if (!cluster.reports().has(key)) await this.create(workload);
		await this.patch(workload, status);
		this.written.set(key, { status, at: clock() });
		return true;
	}

	private async create({ namespace, name, uid, labels }: Workload): Promise<void> {
		try {
			await this.options.connection.request({
				method: "POST",
				path: resourcePath("QoSReport", namespace),
				body: {
					apiVersion: API_VERSION,
					kind: "QoSReport",
					metadata: {
						name,
						namespace,
						// The Deployment's labels, so that what selects it selects its report, too.
						labels,
						ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name, uid, controller: true }],
					},
				},
			});
		} catch (error) {
			if (!(error instanceof ApiError && error.status === 409)) throw error;
		}
	}

	/** A merge patch would keep fields that became unknown; this replaces the whole status. */
	private async patch({ namespace, name }: Workload, status: QoSReportStatus): Promise<void> {
		await this.options.connection.request({
			method: "PATCH",
			path: `${resourcePath("QoSReport", namespace, name)}/status`,
			contentType: "application/json-patch+json",
			body: [{ op: "add", path: "/status", value: status }],
		});
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
