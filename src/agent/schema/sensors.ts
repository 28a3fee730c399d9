import { z } from "zod";
import { sensorName } from "./parameters.ts";
import { cronTrigger, dateTrigger, intervalTrigger } from "./trigger.ts";

/** A sensor that the configuration names, as the original keeps its own in its settings. */
export const configuredSensor = z
	.strictObject({
		action: z.enum(["Predict", "Rebalance"]).default("Rebalance").describe("What it does."),
		interval: intervalTrigger.optional().describe("It runs again and again."),
		date: dateTrigger.optional().describe("It runs once."),
		cron: cronTrigger.optional().describe("It runs as a cron expression says."),
	})
	.refine(({ interval, date, cron }) => [interval, date, cron].filter(Boolean).length === 1, {
		message: "set exactly one of interval, date and cron",
	});

export type ConfiguredSensor = z.output<typeof configuredSensor>;

export const configuredSensors = z.record(sensorName, configuredSensor);
