import { type PartResult, runTool } from "./run-part.ts";

interface Check {
	readonly name: string;
	readonly command: string;
	readonly args: readonly string[];
}

const CHECKS: readonly Check[] = [
	{ name: "types", command: "tsc", args: [] },
	{ name: "lint", command: "oxlint", args: ["--type-aware", "--deny-warnings"] },
	{ name: "format", command: "biome", args: ["check", "--error-on-warnings", "."] },
	{ name: "architecture", command: "node", args: ["scripts/check-architecture.ts"] },
	{ name: "unused", command: "knip", args: [] },
];

/** Runs all static checks beside each other; the words of those that fail go to stderr. */
export async function runChecks(): Promise<PartResult[]> {
	return Promise.all(CHECKS.map(runCheck));
}

async function runCheck({ name, command, args }: Check): Promise<PartResult> {
	const { code, output, seconds } = await runTool(command, args, "captured");
	if (code !== 0) console.error(`${name}: ${[command, ...args].join(" ")}\n${output}`);
	return { part: name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, seconds };
}
