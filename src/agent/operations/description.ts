import type { z } from "zod";
import { type Operation, operation } from "../operation.ts";
import { configuration, inputs, outputs } from "../schema/answers.ts";

/** Port: what this replica is, reads and writes. */
export interface Description {
	configuration(): z.output<typeof configuration>;
	inputs(): z.output<typeof inputs>;
	outputs(): z.output<typeof outputs>;
}

const ABOUT = {
	configuration: { answer: configuration, summary: "Configuration, without secrets" },
	inputs: { answer: inputs, summary: "Metrics, models and governed Deployments" },
	outputs: { answer: outputs, summary: "Where predictions, decisions and moves go" },
} as const;

export function descriptionOperations(description: Description): Operation[] {
	return (["configuration", "inputs", "outputs"] as const).map((part) => {
		const path = `/agent/${part}`;
		return operation({
			method: "get",
			path,
			id: `describe${part[0]?.toUpperCase()}${part.slice(1)}`,
			tag: "description",
			summary: ABOUT[part].summary,
			description: `Needs \`get\` on the non-resource URL ${path}.`,
			answer: ABOUT[part].answer as z.ZodType,
			access: () => ({ verb: "get", path }),
			run: () => description[part](),
		});
	});
}
