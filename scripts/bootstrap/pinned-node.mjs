import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Runs TypeScript as it is. */
const OLDEST_STAND_IN = [22, 19];

/**
 * Path of the Node that everything runs on. The npm package `node` fetches it in its install script, which a
 * user's npm may have been told not to run; then it is run here, and failing that a new enough Node stands in.
 * @param {string} root
 */
export async function pinnedNode(root) {
	const folder = join(root, "node_modules", "node");
	const node = join(folder, "bin", "node");
	if (existsSync(node)) return node;
	process.stderr.write("setup: fetching the pinned Node, which npm was told not to\n");
	spawnSync(process.execPath, ["installArchSpecificPackage.js"], { cwd: folder, stdio: "ignore" });
	if (existsSync(node)) return node;
	if (canStandIn(process.versions.node)) return process.execPath;
	throw new Error(
		`the pinned Node is missing at ${node}: "npm rebuild node --ignore-scripts=false" fetches it, ` +
			`or run with Node ${OLDEST_STAND_IN.join(".")} or later`,
	);
}

/** @param {string} version */
export function canStandIn(version) {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	const [oldestMajor = 0, oldestMinor = 0] = OLDEST_STAND_IN;
	return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
