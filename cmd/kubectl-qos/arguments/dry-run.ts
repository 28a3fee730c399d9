import { usage } from "../errors.ts";
import type { FlagDefinition, FlagValues } from "./flags.ts";

export type DryRun = "none" | "client" | "server";

export const DRY_RUN_FLAG: FlagDefinition = {
	name: "dry-run",
	kind: "string",
	default: "none",
	// As for kubectl, where this is deprecated.
	bare: "client",
	description:
		'Must be "none", "server", or "client". client: only print the object. server: let the API server judge it, and store nothing.',
	completion: ["none", "server", "client"],
};

const SUFFIXES: Readonly<Record<DryRun, string>> = { none: "", client: " (dry run)", server: " (server dry run)" };

/** What kubectl writes behind what was done. */
export function dryRunSuffix(dryRun: DryRun): string {
	return SUFFIXES[dryRun];
}

/** The value of `--dry-run`. @throws PluginError Usage */
export function dryRunOf(flags: FlagValues): DryRun {
	// An empty value, as of a variable that is not set, must not be taken for none.
	const value = flags.text("dry-run") ?? (flags.isGiven("dry-run") ? "" : "none");
	if (value === "none" || value === "server" || value === "client") return value;
	throw usage(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
}
