// The way into every command of this repository: `node scripts/bootstrap.mjs [--no-programs] FILE.ts ARGS...`
// It runs before node_modules exists, on any Node from 18 on: plain JavaScript, no packages. It checks what the
// machine must have, installs what is missing and hands over to the pinned Node with the same terminal. Its own
// words go to stderr, so that stdout belongs to FILE.
import { existsSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArguments } from "./bootstrap/arguments.mjs";
import { runToEnd } from "./bootstrap/child.mjs";
import { install, isInstalled } from "./bootstrap/installation.mjs";
import { pinnedNode } from "./bootstrap/pinned-node.mjs";
import { missingPrerequisites, surveyMachine } from "./bootstrap/prerequisites.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {readonly string[]} argv */
async function main(argv) {
	const { programs, file, args } = parseArguments(argv);
	const installed = isInstalled(root);
	const missing = missingPrerequisites(surveyMachine({ programs, installed }));
	if (missing.length > 0) throw new Error(missing.join("\n"));
	if (!installed) await install(root);
	const node = await pinnedNode(root);
	// Tools start with "#!/usr/bin/env node": they must find the same Node.
	process.env.PATH = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter);
	// Commands, controllers in tests and the plugin start in half the time.
	process.env.NODE_COMPILE_CACHE ||= join(root, "node_modules", ".cache", "node");
	if (programs) {
		const built = await runToEnd(node, [join(root, "test", "cluster", "programs", "main.ts")]);
		if (built !== 0) return built;
	}
	const script = [resolve(file), join(root, file)].find((path) => existsSync(path));
	if (script === undefined) throw new Error(`${file} does not exist`);
	return runToEnd(node, [script, ...args]);
}

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
}
