import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const SENTINEL = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** What an executable is made of. */
interface Parts {
	readonly bundle: string;
	/** Folder of the result. */
	readonly folder: string;
	/** Of the platform it is for; absent: this very Node. */
	readonly node?: string;
}

/**
 * Puts the bundle into a copy of Node, and returns the path of the result: for this platform as a snapshot of what
 * it does first. For another one, which only that platform could make, it is loaded at every start.
 */
export function buildExecutable({ bundle, folder, node }: Parts): string {
	const base = node ?? process.execPath;
	const executable = join(folder, base.endsWith(".exe") ? "kubectl-qos.exe" : "kubectl-qos");
	const config = join(folder, "sea-config.json");
	const blob = join(folder, "sea.blob");
	const description = {
		main: bundle,
		output: blob,
		useSnapshot: node === undefined,
		disableExperimentalSEAWarning: true,
		// Else NODE_OPTIONS of the user's shell, meant for other programs, would stop this one.
		execArgvExtension: "none",
	};
	writeFileSync(config, JSON.stringify(description));
	quietly(process.execPath, ["--experimental-sea-config", config]);
	copyFileSync(base, executable);
	chmodSync(executable, 0o755);
	if (node === undefined) strip(executable);
	const segment = process.platform === "darwin" ? ["--macho-segment-name", "NODE_SEA"] : [];
	const postject = createRequire(import.meta.url).resolve("postject/dist/cli.js");
	quietly(process.execPath, [postject, executable, "NODE_SEA_BLOB", blob, "--sentinel-fuse", SENTINEL, ...segment]);
	for (const file of [config, blob]) rmSync(file);
	return executable;
}

/** Runs a program whose words matter only when it fails. @throws Error with them */
function quietly(program: string, args: readonly string[]): void {
	execFileSync(program, args, { stdio: ["ignore", "pipe", "pipe"] });
}

/** Symbols are a tenth of the file; a machine without `strip` ships them. */
function strip(executable: string): void {
	if (process.platform !== "linux") return;
	try {
		quietly("strip", [executable]);
	} catch {
		console.error("package: there is no working 'strip' here; the executable is larger than it need be");
	}
}
