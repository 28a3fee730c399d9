import { DRY_RUN_FLAG, type DryRun, dryRunOf } from "../arguments/dry-run.ts";
import { durationOf, type FlagDefinition, type FlagValues, OUTPUT_FLAG, objectOutputOf } from "../arguments/flags.ts";
import { usage } from "../errors.ts";
import { defineCommand } from "./command.ts";

interface SharedOptions {
	readonly dryRun: DryRun;
	readonly output: "json" | "yaml" | "name" | undefined;
	readonly wait: boolean;
	/** ms; 0: no limit. */
	readonly timeout: number;
}

/** What `install` is asked for. */
export interface InstallOptions extends SharedOptions {
	readonly prometheusUrl: string | undefined;
	readonly image: string | undefined;
	readonly forceConflicts: boolean;
}

/** What `uninstall` is asked for. */
export interface UninstallOptions extends SharedOptions {
	readonly purge: boolean;
}

const TIMEOUT_FLAG: FlagDefinition = {
	name: "timeout",
	kind: "string",
	default: "3m",
	description: "Longest wait; 0s: no limit",
};

/** `kubectl qos install`. */
export const install = defineCommand({
	name: "install",
	summary: "Install the controller, or bring it to this plugin's version",
	description:
		"It applies the manifests that the plugin carries (those of manifests/base) by server-side apply, waits until the controller runs, and checks the install. Who uses kustomize or GitOps does not need it. Without a policy the controller changes nothing.",
	usage: "",
	examples: [
		[
			"kubectl qos install --prometheus-url http://prometheus.monitoring:9090",
			"Install, with the address of your Prometheus",
		],
		["kubectl qos install --dry-run=client -o yaml > kubectl-qos.yaml", "Print what would be applied"],
		["kubectl qos install --dry-run=server", "Let the API server judge it, and store nothing"],
	],
	flags: [
		{ name: "prometheus-url", kind: "string", description: "Where the controller finds Prometheus" },
		{ name: "image", kind: "string", description: "The controller's image" },
		{ name: "force-conflicts", kind: "boolean", description: "Take over fields that somebody else has set" },
		{ name: "wait", kind: "boolean", default: true, description: "Wait until it runs, and check it" },
		TIMEOUT_FLAG,
		DRY_RUN_FLAG,
		OUTPUT_FLAG,
	],
	options: (flags, operands): InstallOptions => ({
		...sharedOptions(flags, operands, "install"),
		prometheusUrl: urlOf(flags.text("prometheus-url")),
		image: flags.text("image"),
		forceConflicts: flags.isSet("force-conflicts"),
	}),
	run: async (options, context) => (await import("../install/install.ts")).install(options, context),
});

function urlOf(text: string | undefined): string | undefined {
	const url = text === undefined ? undefined : URL.parse(text);
	if (url === undefined || (url && ["http:", "https:"].includes(url.protocol))) return text;
	throw usage(
		`invalid argument "${text}" for "--prometheus-url" flag: write it like http://prometheus.monitoring:9090`,
	);
}

/** `kubectl qos uninstall`. */
export const uninstall = defineCommand({
	name: "uninstall",
	summary: "Remove the controller; with --purge everything that is ours",
	description:
		"Policies, jobs, reports and migrations stay, unless --purge removes their CRDs and the controller's namespace too. Deployments stay where they were moved to; it says which, and how to release them.",
	usage: "",
	examples: [
		["kubectl qos uninstall --dry-run=server", "What would be deleted?"],
		["kubectl qos uninstall", "Remove the controller, keep policies"],
		["kubectl qos uninstall --purge", "Remove all of it, policies and history included"],
	],
	flags: [
		{ name: "purge", kind: "boolean", description: "Also remove the CRDs with all their objects, and the namespace" },
		{ name: "wait", kind: "boolean", default: true, description: "Wait until everything is gone" },
		TIMEOUT_FLAG,
		DRY_RUN_FLAG,
		OUTPUT_FLAG,
	],
	options: (flags, operands): UninstallOptions => ({
		...sharedOptions(flags, operands, "uninstall"),
		purge: flags.isSet("purge"),
	}),
	run: async (options, context) => (await import("../install/uninstall.ts")).uninstall(options, context),
});

function sharedOptions(flags: FlagValues, operands: readonly string[], command: string): SharedOptions {
	if (operands.length > 0) throw usage(`extra arguments: [${operands.join(" ")}]`, command);
	const output = objectOutputOf(flags, command);
	const dryRun = dryRunOf(flags);
	if (output !== undefined && dryRun !== "client") throw usage("-o goes with --dry-run=client");
	return { dryRun, output, wait: flags.isSet("wait"), timeout: durationOf(flags, "timeout") ?? 0 };
}
