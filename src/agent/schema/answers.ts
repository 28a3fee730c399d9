import { z } from "zod";

/** What the API answers. Fields that are not declared here never leave the process. */

export const problem = z
	.object({ detail: z.string().describe("One line: what is wrong, where, and how to mend it.") })
	.describe("A request that was refused.");

export const done = z.object({ detail: z.string().describe("What was done, in a sentence.") });

export const hello = z.object({ Hello: z.string() });

export const added = done.extend({ id: z.string().describe("What `get` and `remove` take as sensor_id.") });

const time = z.iso.datetime().describe("RFC 3339, UTC.");

export const sensor = z
	.object({
		id: z.string().describe("NAMESPACE/NAME of the QoSJob."),
		name: z.string().describe("The name that it was added under."),
		func_name: z.enum(["Predict", "Rebalance"]).describe("What it does."),
		trigger_str: z.string().describe("When, as in interval[0:05:00]."),
		next_run_time: time.nullable().describe("Null: never again, or it is suspended."),
		last_run: z
			.object({
				started_at: time,
				result: z.enum(["Succeeded", "Failed"]).nullable().describe("Null while it runs."),
				message: z.string().nullable().describe("What it did, or what went wrong."),
			})
			.nullable()
			.describe("Null: it did not run yet."),
	})
	.describe("A timer entry: a QoSJob.");

export type SensorAnswer = z.output<typeof sensor>;

export const sensors = z.array(sensor);

export const analysis = done
	.extend({ migration: z.string().describe("NAMESPACE/NAME of the QoSMigration, whose status tells what came of it.") })
	.describe("The analysis was asked for.");

export const configuration = z
	.object({
		version: z.string(),
		namespace: z.string().describe("The controller's own: QoSJobs here act on the policies of all namespaces."),
		prometheus: z.object({ url: z.string().describe("Without credentials.") }),
		mlflow: z
			.object({ url: z.string().describe("Without credentials.") })
			.nullable()
			.describe("Null: not used."),
		metrics: z.object({
			step_seconds: z.number().describe("Width of one step of the measurements."),
			window_steps: z.int().describe("Steps that models see."),
		}),
		rebalancing: z
			.object({
				per_cycle: z.int(),
				per_namespace: z.int(),
				per_source: z.int(),
				per_destination: z.int(),
			})
			.describe("Moves that one Rebalance run may begin."),
		webhook: z.object({ enabled: z.boolean() }),
		sensors: z
			.array(z.string())
			.describe("Names of sensors whose trigger is configured: `add` needs no body for them."),
	})
	.describe("Configuration of this replica, without secrets.");

export const inputs = z
	.object({
		metrics: z.array(
			z.object({
				name: z.string(),
				scope: z.enum(["Node", "Workload"]),
				unit: z.string(),
				query: z.string().describe("PromQL."),
				min: z.number().describe("Smaller values are Unknown."),
				max: z.number().describe("Larger values are Unknown."),
			}),
		),
		workloads: z.array(
			z.object({
				workload: z.string().describe("NAMESPACE/NAME of the Deployment."),
				policy: z.string().describe("The QoSPolicy that governs it."),
				mode: z.enum(["Off", "Initial", "Auto"]),
				trigger: z.enum(["Proactive", "Reactive"]),
				objective: z.object({
					metric: z.string(),
					direction: z.enum(["Minimize", "Maximize"]),
					target: z.number().nullable().describe("In the metric's unit; null: none."),
					horizon_seconds: z.number(),
					aggregate: z.enum(["Mean", "Max", "Min"]),
				}),
				model: z.string().describe("What the policy asks for, such as builtin:headroom."),
			}),
		),
	})
	.describe("What decisions rest on.");

export const outputs = z
	.object({
		destinations: z.array(
			z.object({
				kind: z.string().describe("QoSReport, QoSMigration, DecisionLog, Prometheus or MLflow."),
				where: z.string().describe("A path of the Kubernetes API, an address or a file."),
				what: z.string(),
			}),
		),
	})
	.describe("Where predictions, decisions and moves can be read.");
