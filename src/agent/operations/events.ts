import { z } from "zod";
import type { Job } from "../../core/job/job.ts";
import { type Operation, operation } from "../operation.ts";
import type { Schedules, Sensor } from "../ports.ts";
import { Problem } from "../problem.ts";
import { fromCron, fromDate, fromInterval, type Timing, triggerText } from "../schedule.ts";
import { added, done, hello, type SensorAnswer, sensor, sensors } from "../schema/answers.ts";
import { jobName, namespace, sensorId, sensorName } from "../schema/parameters.ts";
import type { ConfiguredSensor } from "../schema/sensors.ts";
import { cronTrigger, dateTrigger, intervalTrigger } from "../schema/trigger.ts";

export interface EventOptions {
	/** The controller's own: its QoSJobs act on the policies of all namespaces. */
	readonly ownNamespace: string;
	readonly schedules: Schedules;
	/** Sensors that `add` needs no body for, by name. */
	readonly configured: Readonly<Record<string, ConfiguredSensor>>;
}

const TAG = "timer";
const ROOT = "/sensors/event";

/** Timer entries: QoSJobs in the words of the original. */
export function eventOperations(options: EventOptions): Operation[] {
	const { ownNamespace, schedules } = options;
	const ownDefault = namespace.describe("Default: the controller's own, whose sensors act on all namespaces.");
	const show = (found: Sensor) => sensorAnswer(found, schedules);
	const identified = (id: string) => parts(id, ownNamespace);
	return [
		operation({
			method: "get",
			path: `${ROOT}/`,
			id: "greet",
			tag: TAG,
			summary: "Is it there?",
			description: "Says hello to whoever may list sensors in the controller's own namespace.",
			answer: hello,
			access: () => ({ verb: "list", resource: "qosjobs", namespace: ownNamespace }),
			run: () => ({ Hello: "trigger sensors" }),
		}),
		operation({
			method: "get",
			path: `${ROOT}/get/all`,
			id: "listSensors",
			tag: TAG,
			summary: "All sensors",
			description: "QoSJobs with the times of their next runs. Needs `list` on qosjobs.kubectl-qos.dev.",
			query: z.strictObject({ namespace: namespace.describe("Default: all namespaces.") }),
			answer: sensors,
			access: (query) => ({ verb: "list", resource: "qosjobs", namespace: query.namespace }),
			run: async ({ query, objects }) => (await objects.sensors(query.namespace)).map(show),
		}),
		operation({
			method: "get",
			path: `${ROOT}/get`,
			id: "getSensor",
			tag: TAG,
			summary: "One sensor",
			description: "Needs `get` on qosjobs.kubectl-qos.dev.",
			query: z.strictObject({ sensor_id: sensorId }),
			answer: sensor,
			refusals: [404],
			access: ({ sensor_id }) => ({ verb: "get", resource: "qosjobs", ...identified(sensor_id) }),
			run: async ({ query, objects }) => {
				const { namespace: of, name } = identified(query.sensor_id);
				return show(await objects.sensor(of, name));
			},
		}),
		...(["interval", "date", "cron"] as const).map((type) => addOperation(type, options, ownDefault)),
		operation({
			method: "delete",
			path: `${ROOT}/remove`,
			id: "removeSensor",
			tag: TAG,
			summary: "Remove a sensor",
			description: "Deletes its QoSJob. Needs `delete` on qosjobs.kubectl-qos.dev.",
			query: z.strictObject({ sensor_id: sensorId }),
			answer: done,
			refusals: [404],
			access: ({ sensor_id }) => ({ verb: "delete", resource: "qosjobs", ...identified(sensor_id) }),
			run: async ({ query, objects }) => {
				const { namespace: of, name } = identified(query.sensor_id);
				await objects.removeSensor(of, name);
				return { detail: `${of}/${name} has been removed.` };
			},
		}),
		operation({
			method: "delete",
			path: `${ROOT}/remove/all`,
			id: "removeSensors",
			tag: TAG,
			summary: "Remove all sensors of a namespace",
			description:
				"Deletes its QoSJobs, the two that ship included: nothing is predicted or moved by the timer until new ones are added or the controller starts anew. Needs `deletecollection` on qosjobs.kubectl-qos.dev.",
			query: z.strictObject({ namespace: ownDefault }),
			answer: done,
			refusals: [404],
			access: (query) => ({
				verb: "deletecollection",
				resource: "qosjobs",
				namespace: query.namespace ?? ownNamespace,
			}),
			run: async ({ query, objects }) => {
				const from = query.namespace ?? ownNamespace;
				await objects.removeSensors(from);
				return { detail: `all sensors of namespace ${from} have been removed.` };
			},
		}),
	];
}

const TRIGGERS = { interval: intervalTrigger, date: dateTrigger, cron: cronTrigger };

function addOperation(type: keyof typeof TRIGGERS, options: EventOptions, ownDefault: typeof namespace): Operation {
	const { ownNamespace, schedules, configured } = options;
	return operation({
		method: "post",
		path: `${ROOT}/add/${type}`,
		id: `add${type[0]?.toUpperCase()}${type.slice(1)}Sensor`,
		tag: TAG,
		summary: `Add a sensor with the trigger ${type}`,
		description:
			"Creates a QoSJob, which any replica keeps and the leader runs. Without a body the trigger is the one that the configuration has under `agent.sensors`. Needs `create` on qosjobs.kubectl-qos.dev.",
		query: z.strictObject({
			sensor_name: sensorName,
			namespace: ownDefault,
			action: z
				.enum(["Predict", "Rebalance"])
				.optional()
				.describe("Predict evaluates and reports, Rebalance also moves. Default: as configured, else Rebalance."),
		}),
		body: TRIGGERS[type] as z.ZodType,
		answer: added,
		refusals: [404, 409, 422],
		idGoesTo: ["getSensor", "removeSensor"],
		access: (query) => ({ verb: "create", resource: "qosjobs", namespace: query.namespace ?? ownNamespace }),
		run: async ({ query, body, objects }) => {
			const known = Object.hasOwn(configured, query.sensor_name) ? configured[query.sensor_name] : undefined;
			const timing = timingOf(type, body ?? configuredTrigger(type, query.sensor_name, known), schedules);
			const made = await objects.addSensor({
				namespace: query.namespace ?? ownNamespace,
				name: jobName(query.sensor_name),
				sensorName: query.sensor_name,
				action: query.action ?? known?.action ?? "Rebalance",
				...timing,
			});
			return { detail: addedText(made, schedules), id: idOf(made.job) };
		},
	});
}

/** @throws Problem when nothing, or another trigger, is configured under that name */
function configuredTrigger(type: keyof typeof TRIGGERS, name: string, known: ConfiguredSensor | undefined): unknown {
	if (known === undefined) {
		throw new Problem(
			404,
			`sensor ${name} is not configured; send its trigger as the body, or set agent.sensors.${name} in the configuration`,
		);
	}
	const trigger = known[type];
	if (trigger === undefined) {
		throw new Problem(422, `trigger is not allowed: agent.sensors.${name} has no ${type}; send one as the body`);
	}
	return trigger;
}

function timingOf(type: keyof typeof TRIGGERS, trigger: unknown, schedules: Schedules): Timing {
	switch (type) {
		case "interval":
			return fromInterval(intervalTrigger.parse(trigger));
		case "date":
			return fromDate(dateTrigger.parse(trigger), schedules);
		case "cron":
			return fromCron(cronTrigger.parse(trigger), schedules);
	}
}

function addedText({ job, sensorName: name }: Sensor, schedules: Schedules): string {
	const first = job.schedule.kind === "Interval" ? job.createdAt : schedules.nextRun(job);
	const when = first === undefined ? "at once" : `at ${new Date(first).toISOString()}`;
	return `${name} has been added. first run will start ${when}`;
}

function idOf({ namespace: of, name }: Pick<Job, "namespace" | "name">): string {
	return `${of}/${name}`;
}

function parts(id: string, ownNamespace: string): { namespace: string; name: string } {
	const [first = "", second] = id.split("/");
	return second === undefined
		? { namespace: ownNamespace, name: jobName(first) }
		: { namespace: first, name: jobName(second) };
}

function sensorAnswer({ job, sensorName: name }: Sensor, schedules: Schedules): SensorAnswer {
	const next = schedules.nextRun(job);
	const { lastRun } = job.status;
	return {
		id: idOf(job),
		name,
		func_name: job.action,
		trigger_str: triggerText(job),
		next_run_time: next === undefined ? null : new Date(next).toISOString(),
		last_run: lastRun
			? {
					started_at: new Date(lastRun.startedAt).toISOString(),
					result: lastRun.result ?? null,
					message: lastRun.message ?? null,
				}
			: null,
	};
}
