import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const SENTINEL = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** Puts the bundle, as a snapshot of what it does first, into a copy of this Node, and returns the path of the result. */
export function buildExecutable(bundle: string, dist: string): string {
	const executable = join(dist, process.platform === "win32" ? "kubectl-qos.exe" : "kubectl-qos");
	const config = join(dist, "sea-config.json");
	const blob = join(dist, "sea.blob");
	const description = {
		main: bundle,
		output: blob,
		useSnapshot: true,
		disableExperimentalSEAWarning: true,
		// Else NODE_OPTIONS of the user's shell, meant for other programs, would stop this one.
		execArgvExtension: "none",
	};
	writeFileSync(config, JSON.stringify(description));
	quietly(process.execPath, ["--experimental-sea-config", config]);
	copyFileSync(process.execPath, executable);
	chmodSync(executable, 0o755);
	strip(executable);
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
