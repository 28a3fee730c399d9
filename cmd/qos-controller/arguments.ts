import yargs from "yargs";
import { version } from "./version.ts";

export interface Arguments {
	readonly config: string;
	readonly kubeconfig: string | undefined;
	readonly context: string | undefined;
}

/** Reads the command line; prints help or a usage error and ends the process where that is called for. */
export function readArguments(argv: readonly string[]): Arguments {
	const { config, kubeconfig, context } = yargs([...argv])
		.scriptName("qos-controller")
		.locale("en")
		.usage(
			"$0 --config FILE [--kubeconfig FILE]\n\nPlaces and moves Deployments by their predicted quality of service.",
		)
		.option("config", {
			type: "string",
			demandOption: true,
			requiresArg: true,
			describe: "configuration file; docs/reference/configuration.md lists its fields",
		})
		.option("kubeconfig", {
			type: "string",
			requiresArg: true,
			describe: "kubeconfig file; default: $KUBECONFIG, the ServiceAccount inside a cluster, ~/.kube/config",
		})
		.option("context", { type: "string", requiresArg: true, describe: "context of the kubeconfig" })
		.strict()
		.help()
		.version(version())
		.parseSync();
	return { config, kubeconfig, context };
}
