import { parseArgs } from "node:util";
import { reportModelSwitch } from "./mlflow/model-switch.ts";

const OPTIONS = {
	nodes: { type: "string", default: "1000" },
	rate: { type: "string", default: "100" },
	seconds: { type: "string", default: "30" },
	every: { type: "string", default: "1" },
} as const;

/** What MLflow costs the controller. */
export async function run(args: readonly string[]): Promise<void> {
	const { values } = parseArgs({ args: [...args], options: OPTIONS });
	await reportModelSwitch({
		nodes: Number(values.nodes),
		rate: Number(values.rate),
		seconds: Number(values.seconds),
		every: Number(values.every),
	});
}
