import { formatDuration } from "../../api/v1alpha1/duration.ts";
import { API_VERSION, resourcePath } from "../../api/v1alpha1/group.ts";
import { toJobStatus } from "../../api/v1alpha1/job.ts";
import type { Job, JobStatus, NewJob } from "../../core/job/job.ts";
import { type KubernetesConnection, MERGE_PATCH } from "./connection.ts";
import { ApiError } from "./errors.ts";
import type { Log } from "./log.ts";

export interface JobStoreOptions {
	readonly connection: KubernetesConnection;
	readonly cluster: { jobs(): Iterable<Job> };
	readonly log: Log;
}

/** QoSJobs as the caches show them, and the way to write their status. */
export class KubernetesJobStore {
	private readonly options: JobStoreOptions;

	constructor(options: JobStoreOptions) {
		this.options = options;
	}

	jobs(): Iterable<Job> {
		return this.options.cluster.jobs();
	}

	/** Creates a job that runs at an interval, unless one of that name is there. Never rejects; a failure is logged. */
	async create({ namespace, name, action, intervalSeconds }: NewJob): Promise<void> {
		try {
			await this.options.connection.request({
				method: "POST",
				path: resourcePath("QoSJob", namespace),
				body: {
					apiVersion: API_VERSION,
					kind: "QoSJob",
					metadata: { namespace, name },
					spec: { action, interval: formatDuration(intervalSeconds) },
				},
			});
		} catch (error) {
			if (error instanceof ApiError && error.status === 409) return;
			const message = error instanceof Error ? error.message : String(error);
			this.options.log.warn({ job: `${namespace}/${name}`, error: message }, "job not created");
		}
	}

	/** Never rejects; a failure is logged, and the next run writes anew. */
	async recordStatus({ namespace, name }: Job, status: JobStatus): Promise<void> {
		try {
			await this.options.connection.request({
				method: "PATCH",
				path: `${resourcePath("QoSJob", namespace, name)}/status`,
				contentType: MERGE_PATCH,
				body: { status: toJobStatus(status) },
			});
		} catch (error) {
			if (error instanceof ApiError && error.status === 404) return;
			const message = error instanceof Error ? error.message : String(error);
			this.options.log.warn({ job: `${namespace}/${name}`, error: message }, "job status not written");
		}
	}
}
