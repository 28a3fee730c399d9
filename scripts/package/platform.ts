import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A platform in the words of Go, which krew and kubectl's releases use. */
export interface Platform {
	readonly os: string;
	readonly arch: string;
}

/**
 * Platforms that an executable can be made for on any other, by Node's names for them. On macOS it must be signed,
 * which only macOS can do.
 */
export const FOREIGN = ["linux-x64", "linux-arm64", "win-x64"] as const;

/** The platform that this process runs on, in Node's words. */
export const HERE = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

export function platformOf(name: string): Platform {
	const [os = "", arch = ""] = name.split("-");
	return { os: os === "win" ? "windows" : os, arch: arch === "x64" ? "amd64" : arch };
}

/** Calls `use` with the path of this very version of Node for another platform, from the npm registry. */
export function withNodeFor<T>(name: string, use: (node: string) => T): T {
	const folder = mkdtempSync(join(tmpdir(), "kubectl-qos-node-"));
	try {
		const pack = ["pack", "--silent", "--pack-destination", folder, `node-${name}@${process.versions.node}`];
		const file = execFileSync("npm", pack, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
		execFileSync("tar", ["-xzf", join(folder, file), "-C", folder]);
		return use(join(folder, "package/bin", name.startsWith("win") ? "node.exe" : "node"));
	} finally {
		rmSync(folder, { recursive: true });
	}
}
