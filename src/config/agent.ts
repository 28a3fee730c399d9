import { z } from "zod";
import { configuredSensors } from "../agent/schema/sensors.ts";

/** The section `agent` of the configuration file. Off unless asked for: it is a door that most installations do not need. */
export const agent = z
	.strictObject({
		enabled: z.boolean().default(false).describe("Serve the agent's HTTP API; docs/agent-api.md."),
		host: z.string().default("0.0.0.0").describe("Address to listen on."),
		port: z.int().min(0).max(65535).default(8444).describe("TLS port; 0 picks a free one."),
		serviceName: z
			.string()
			.default("kubectl-qos-agent")
			.describe("Service that the controller's own certificate is issued for, beside the webhook's."),
		certificateFile: z
			.string()
			.optional()
			.describe(
				"PEM file with a certificate of your own, leaf first; read anew when it changes. Default: the webhook's certificate manager issues one.",
			),
		keyFile: z.string().optional().describe("PEM file with its private key."),
		plainHttp: z
			.boolean()
			.default(false)
			.describe("Serve without TLS: tokens can be read on the way. For tests, and behind a proxy in the same pod."),
		sensors: configuredSensors
			.default({})
			.describe("Triggers by the name of a sensor, for clients that add one by its name alone."),
	})
	.refine(({ certificateFile, keyFile }) => (certificateFile === undefined) === (keyFile === undefined), {
		path: ["keyFile"],
		message: "certificateFile and keyFile go together; set both or neither",
	})
	.refine(({ certificateFile, plainHttp }) => !plainHttp || certificateFile === undefined, {
		path: ["plainHttp"],
		message: "is true beside certificateFile; set one of them",
	})
	.describe("The HTTP API of the agent, in the words of Scanflow's.");
