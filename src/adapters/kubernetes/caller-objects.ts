import { z } from "zod";
import { formatDuration } from "../../api/v1alpha1/duration.ts";
import { API_VERSION, resourcePath, SENSOR_ANNOTATION } from "../../api/v1alpha1/group.ts";
import { parseJob } from "../../api/v1alpha1/job.ts";
import { newMigration } from "../../api/v1alpha1/migration.ts";
import type { WorkloadKey } from "../../core/cluster/workload.ts";
import type { Job } from "../../core/job/job.ts";
import type { ApiRequest, KubernetesConnection } from "./connection.ts";

interface Sensor {
	readonly job: Job;
	readonly sensorName: string;
}

interface NewSensor extends Pick<Job, "namespace" | "name" | "action" | "schedule" | "jitterSeconds"> {
	readonly sensorName: string;
}

const list = z.object({ items: z.array(z.unknown()) });
const annotated = z.object({
	metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
});

/** QoSJobs and QoSMigrations as one caller sees them. Every method rejects with ApiError. */
export class CallerObjects {
	private readonly connection: KubernetesConnection;

	/** @param connection bears the caller's token */
	constructor(connection: KubernetesConnection) {
		this.connection = connection;
	}

	/** Those that can be read; the API server lets no others in. */
	async sensors(namespace: string | undefined): Promise<readonly Sensor[]> {
		const { items } = list.parse(await this.ask({ path: resourcePath("QoSJob", namespace) }));
		return items.flatMap((item) => sensorOf(item) ?? []);
	}

	async sensor(namespace: string, name: string): Promise<Sensor> {
		return read(await this.ask({ path: resourcePath("QoSJob", namespace, name) }));
	}

	async addSensor(sensor: NewSensor): Promise<Sensor> {
		const { namespace, name, action, schedule, jitterSeconds } = sensor;
		const body = {
			apiVersion: API_VERSION,
			kind: "QoSJob",
			metadata: { namespace, name, annotations: { [SENSOR_ANNOTATION]: sensor.sensorName } },
			spec: { action, ...scheduleSpec(schedule), jitter: formatDuration(jitterSeconds) },
		};
		return read(await this.ask({ method: "POST", path: resourcePath("QoSJob", namespace), body }));
	}

	async removeSensor(namespace: string, name: string): Promise<void> {
		await this.ask({ method: "DELETE", path: resourcePath("QoSJob", namespace, name) });
	}

	async removeSensors(namespace: string): Promise<void> {
		await this.ask({ method: "DELETE", path: resourcePath("QoSJob", namespace) });
	}

	/** `namespace/name` of the new QoSMigration; the API server stamps who asked for it. */
	async addMigration(workload: WorkloadKey, reason: string): Promise<string> {
		const body = newMigration({ workload, reason });
		const { namespace } = body.metadata;
		const made = await this.ask({ method: "POST", path: resourcePath("QoSMigration", namespace), body });
		return `${namespace}/${annotated.parse(made).metadata.name}`;
	}

	/** One attempt: whoever called can call again. */
	private ask(request: ApiRequest): Promise<unknown> {
		return this.connection.request({ ...request, retry: false });
	}
}

function scheduleSpec(schedule: Job["schedule"]): object {
	switch (schedule.kind) {
		case "Interval":
			return { interval: formatDuration(schedule.seconds) };
		case "At":
			return { at: new Date(schedule.at).toISOString() };
		case "Cron":
			return { cron: schedule.expression, timezone: schedule.timezone };
	}
}

function sensorOf(object: unknown): Sensor | undefined {
	const job = parseJob(object);
	if (!job.ok) return undefined;
	const { annotations } = annotated.parse(object).metadata;
	return { job: job.value, sensorName: annotations[SENSOR_ANNOTATION] ?? job.value.name };
}

function read(object: unknown): Sensor {
	const sensor = sensorOf(object);
	if (sensor === undefined) throw new Error("the API server answered something that is no QoSJob");
	return sensor;
}
