import { parseArgs } from "node:util";
import { reportModelSwitch } from "./mlflow/model-switch.ts";
import { reportSaving } from "./mlflow/saving.ts";

const OPTIONS = {
	only: { type: "string" },
	apps: { type: "string", default: "1000" },
	candidates: { type: "string", default: "100" },
	cycles: { type: "string", default: "20" },
	nodes: { type: "string", default: "1000" },
	rate: { type: "string", default: "100" },
	seconds: { type: "string", default: "30" },
	every: { type: "string", default: "1" },
} as const;

/** What MLflow costs the controller. */
export async function run(args: readonly string[]): Promise<void> {
	const { values } = parseArgs({ args: [...args], options: OPTIONS });
	if (values.only !== "saving") {
		const [rate, seconds, every] = [Number(values.rate), Number(values.seconds), Number(values.every)];
		await reportModelSwitch({ nodes: Number(values.nodes), rate, seconds, every });
	}
	if (values.only !== "switch") {
		const [apps, nodes, cycles] = [Number(values.apps), Number(values.candidates), Number(values.cycles)];
		await reportSaving({ apps, nodes, cycles });
	}
}
