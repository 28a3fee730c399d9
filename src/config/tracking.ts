import { z } from "zod";
import { TRACKING_LAYOUTS } from "../core/policy/policy.ts";
import { durationSeconds } from "./duration.ts";

/** The section `mlflow.tracking` of the configuration file. */
export const tracking = z
	.strictObject({
		layouts: z
			.array(z.enum(TRACKING_LAYOUTS))
			.default([])
			.transform((layouts) => [...new Set(layouts)])
			.describe(
				"As what the predictions of every Predict run are saved: `cloudedge`, `reactive` and `proactive` are those of Scanflow's data-connector, `native` has intervals. None: nothing is saved.",
			),
		team: z.string().min(1).default("kubectl-qos").describe("Name of the runs of `reactive` and `proactive`."),
		nodes: z
			.array(z.string().min(1))
			.default([])
			.describe(
				"Nodes in the order of `qos_0`, `qos_1`, ...; all others follow by name. List them where something outside goes by the index.",
			),
		queue: z
			.int()
			.min(1)
			.max(1_000_000)
			.default(1000)
			.describe("Runs that may wait for the server; beyond them the oldest are dropped."),
		readEvery: durationSeconds(1)
			.prefault("15s")
			.describe("How often runs are read for policies with `model.predictions`, beside all other work."),
	})
	.describe("Predictions as MLflow runs: one per Predict run, app and layout.");
