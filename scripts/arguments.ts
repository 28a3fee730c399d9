import { type ParseArgsConfig, parseArgs } from "node:util";

/** The command's flags. What is wrong with them is said in two lines, the second is the usage, and ends the process. */
export function parseFlags<T extends ParseArgsConfig>(config: T, usage: string): ReturnType<typeof parseArgs<T>> {
	try {
		return parseArgs(config);
	} catch (error) {
		console.error(`${error instanceof Error ? error.message : String(error)}\nusage: ${usage}`);
		process.exit(2);
	}
}
