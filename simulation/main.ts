import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { startWorld } from "./world.ts";

const options = await yargs(hideBin(process.argv))
	.scriptName("world")
	.usage("$0 --world FILE --kubeconfig FILE\n\nServes telemetry of a simulated world for the pods of a real cluster.")
	.option("world", { type: "string", demandOption: true, describe: "World file (YAML), see simulation/README.md" })
	.option("kubeconfig", {
		type: "string",
		default: process.env["KUBECONFIG"],
		demandOption: process.env["KUBECONFIG"] === undefined,
		describe: "Cluster whose pods do the work; default: KUBECONFIG",
	})
	.option("port", { type: "number", default: 9100, describe: "Port of the page /metrics; 0 picks a free one" })
	.option("host", { type: "string", default: "127.0.0.1", describe: "Address to listen on" })
	.option("seed", { type: "number", describe: "Instead of the world file's" })
	.strict()
	.version(false)
	.parseAsync();

try {
	const { kubeconfig, port, host, seed } = options;
	const world = await startWorld({ file: options.world, kubeconfig: kubeconfig ?? "", port, host, seed });
	console.log(`world: http://${world.address}/metrics (scrape with honor_labels: true); Ctrl-C ends it`);
	for (const signal of ["SIGINT", "SIGTERM"] as const) {
		process.once(signal, () => void world.stop().finally(() => process.exit(0)));
	}
} catch (error) {
	console.error(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
}
