import { z } from "zod";

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";

export const namespace = z
	.string()
	.regex(new RegExp(`^${LABEL}$`), "is not the name of a namespace")
	.optional();

export const sensorName = z
	.string()
	.regex(
		/^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/,
		"is not a name: write at most 63 letters, digits, - and _, with a letter or digit at both ends",
	)
	.describe("Name of the sensor. Its QoSJob has it in lower case, with - for _.");

export const sensorId = z
	.string()
	.regex(
		new RegExp(`^(?:${LABEL}/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?$`),
		"is not an id: write NAMESPACE/NAME, as `get/all` lists them",
	)
	.describe("NAMESPACE/NAME, or a name in the controller's own namespace.");

export const appName = z
	.string()
	.regex(new RegExp(`^(?:${LABEL}/)?${LABEL}$`), "is not the name of a Deployment; write NAME or NAMESPACE/NAME");

/** Name of the QoSJob that stands for a sensor. */
export function jobName(sensor: string): string {
	return sensor.toLowerCase().replaceAll("_", "-");
}
