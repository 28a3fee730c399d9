/**
 * What to run, from the command line after `bootstrap.mjs`. Everything after FILE belongs to FILE.
 * @param {readonly string[]} argv
 * @returns {{ programs: boolean, file: string, args: readonly string[] }} programs: the control plane is needed
 */
export function parseArguments(argv) {
	const programs = argv[0] !== "--no-programs";
	const [file, ...args] = programs ? argv : argv.slice(1);
	if (file === undefined || file.startsWith("-")) {
		throw new Error("usage: node scripts/bootstrap.mjs [--no-programs] FILE.ts ARGS...");
	}
	return { programs, file, args };
}
