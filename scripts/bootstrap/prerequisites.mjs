import { accessSync, constants, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** It only installs and hands over to the pinned Node. */
const OLDEST_NODE = 18;

/**
 * @typedef {object} Machine
 * @property {string} nodeVersion such as "20.11.1"
 * @property {ReadonlySet<string>} needed commands
 * @property {ReadonlySet<string>} present commands, of those asked for
 */

/**
 * One line for each thing that must be installed first; empty when there is nothing to complain about.
 * @param {Machine} machine
 * @returns {string[]}
 */
export function missingPrerequisites({ nodeVersion, needed, present }) {
	const lines = [];
	if (Number.parseInt(nodeVersion, 10) < OLDEST_NODE) {
		lines.push(`Node ${nodeVersion} is too old: install Node 20 or later (https://nodejs.org)`);
	}
	if (needed.has("npm") && !present.has("npm")) lines.push("npm is missing: install it (it comes with Node)");
	if (needed.has("git") && !present.has("git")) lines.push("git is missing: install it (https://git-scm.com)");
	// Which Go fits is judged later, where the programs are built.
	if (needed.has("go") && !present.has("go") && !present.has("python3")) {
		lines.push("Go is missing: install Go 1.26 or later (https://go.dev/dl), or python3 with pip, which can fetch it");
	}
	return lines;
}

/**
 * Looks only at the file system, since this is on the way of every command.
 * @param {{ programs: boolean, installed: boolean }} wanted
 * @returns {Machine}
 */
export function surveyMachine({ programs, installed }) {
	const needed = new Set();
	if (!installed) needed.add("npm").add("git");
	if (programs && !hasPrograms()) needed.add("go");
	const present = new Set(["npm", "git", "go", "python3"].filter(isOnPath));
	if (process.env.npm_execpath !== undefined) present.add("npm");
	return { nodeVersion: process.versions.node, needed, present };
}

/** Some programs were built or given before, so a builder was there; the builder itself looks closer. */
function hasPrograms() {
	if (process.env.KUBEBUILDER_ASSETS) return true;
	const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
	try {
		return readdirSync(join(cache, "kubectl-qos", "programs")).length > 0;
	} catch {
		return false;
	}
}

/** @param {string} command */
function isOnPath(command) {
	return (process.env.PATH ?? "").split(delimiter).some((folder) => {
		try {
			accessSync(join(folder, command), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}
