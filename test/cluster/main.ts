/** The command `npm run cluster -- ...`: a local control plane of real programs, without containers. */
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { installMissingPackages } from "../real-nodes/requirements.ts";
import { startDetached } from "./command/detach.ts";
import { NODE_ACTIONS, node } from "./command/node.ts";
import type { UpFlags } from "./command/options.ts";
import { describe, down, env, status } from "./command/status.ts";
import { up } from "./command/up.ts";
import { mlflowPython } from "./mlflow.ts";
import { buildMissing } from "./programs/build.ts";
import type { Purpose } from "./programs/programs.ts";

const DIR = { type: "string", describe: "Folder of the cluster (default: one in the user's cache)" } as const;
const JSON_FLAG = { type: "boolean", default: false, describe: "Print one JSON object" } as const;

const UP_OPTIONS = {
	dir: DIR,
	json: JSON_FLAG,
	nodes: { type: "number", default: 0, describe: "Nodes to start with, named node-1, node-2, ..." },
	detach: { alias: "d", type: "boolean", default: false, describe: "Return when it is ready; down stops it" },
	"startup-seconds": { type: "number", default: 0, describe: "Time that containers take to become ready" },
	"scrape-interval": { type: "number", default: 1, describe: "Seconds between two scrapes of Prometheus" },
	scrape: { type: "string", array: true, default: [], describe: "JOB=HOST:PORT that Prometheus scrapes too" },
	prometheus: { type: "boolean", default: true, describe: "--no-prometheus leaves it out" },
	mlflow: { type: "boolean", default: false, describe: "Start an MLflow server too (installed once, about 40 s)" },
	real: { type: "boolean", default: false, describe: "Nodes that run real containers, on this computer (needs root)" },
	speeds: { type: "string", describe: "With --real: CPUs of each node, as in 0.8,0.4,0.2 (the default)" },
	image: { type: "string", array: true, default: [], describe: "With --real: OCI archive that every node has" },
} as const;
const REAL_FLAG = { type: "boolean", default: false, describe: "Those of up --real too" } as const;

async function main(args: readonly string[]): Promise<void> {
	await yargs(args)
		.scriptName("npm run cluster --")
		.usage("$0 COMMAND: a real Kubernetes control plane and Prometheus on this machine")
		.command("up", "Start a cluster and keep it until Ctrl-C", UP_OPTIONS, runUp)
		.command("down", "Stop a cluster, whoever started it", { dir: DIR }, ({ dir }) => down(dir))
		.command("env", 'Print its variables, for eval "$(... env)"', { dir: DIR }, ({ dir }) => env(dir))
		.command("status", "Tell whether it runs, and where", { dir: DIR, json: JSON_FLAG }, ({ dir, json }) =>
			status(dir, json),
		)
		.command(
			"node <action> <names..>",
			`Act on nodes: ${NODE_ACTIONS.join(", ")}`,
			(y) =>
				y
					.positional("action", { choices: NODE_ACTIONS, demandOption: true })
					.positional("names", { type: "string", array: true, demandOption: true })
					.options({
						dir: DIR,
						cpu: { type: "string", default: "8", describe: "Capacity of an added node" },
						memory: { type: "string", default: "32Gi", describe: "Capacity of an added node" },
						label: { type: "string", array: true, default: [], describe: "key=value, for an added node" },
					}),
			({ dir, action, names, cpu, memory, label }) => node({ dir, action, names, cpu, memory, labels: label }),
		)
		.command("build", "Build the programs if they are missing", { real: REAL_FLAG }, ({ real }) =>
			buildMissing(purposes(real)),
		)
		.demandCommand(1, "name a command")
		.strict()
		.version(false)
		.fail((message, error) => {
			if (error === undefined) console.error("npm run cluster -- --help tells what there is");
			throw error ?? new Error(message);
		})
		.parseAsync();
}

function purposes(real: boolean): readonly Purpose[] {
	return real ? ["ControlPlane", "Machines"] : ["ControlPlane"];
}

async function runUp(flags: UpFlags): Promise<void> {
	if (flags.real) await installMissingPackages((line) => console.error(line));
	await buildMissing(purposes(flags.real));
	if (flags.mlflow) await mlflowPython();
	if (flags.detach) console.log(describe(await startDetached(flags), flags.json));
	else await up(flags);
}

try {
	await main(hideBin(process.argv));
} catch (error) {
	console.error(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
}
