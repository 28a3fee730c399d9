import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";

/** A shared library of this machine, at the path where the dynamic loader looks for it. */
export interface Library {
	readonly path: string;
	/** Absent: nobody knows where it is from. */
	readonly package: DebianPackage | undefined;
}

export interface DebianPackage {
	/** `libc6 2.36-9+deb12u14`. */
	readonly name: string;
	readonly licence: string;
}

/**
 * The shared libraries that programs need of the machine, the loader among them and without those that lie beside
 * the programs. @throws Error when one is missing
 */
export function librariesOf(programs: readonly string[], own: (path: string) => boolean): readonly Library[] {
	const paths = programs.flatMap(neededBy).filter((path) => !own(path));
	return [...new Set(paths)].sort().map((path) => ({ path, package: packageOf(path) }));
}

/** Paths as the loader of this machine resolves them, transitively. */
function neededBy(program: string): string[] {
	const { LD_LIBRARY_PATH: _, LD_PRELOAD: __, ...env } = process.env;
	const text = execFileSync("ldd", [program], { encoding: "utf8", env });
	const missing = /^\s*(\S+) => not found/m.exec(text);
	if (missing) throw new Error(`${program} needs ${missing[1]}, which this machine lacks`);
	return [...text.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path = ""]) => path);
}

/** The Debian package that a file is of. */
function packageOf(path: string): DebianPackage | undefined {
	for (const name of [path, realpathSync(path), realpathSync(path).replace(/^\/usr/, "")]) {
		try {
			const owner = quietly("dpkg-query", ["--search", name]).split(":")[0] ?? "";
			const version = quietly("dpkg-query", ["--show", "--showformat=${Version}", owner]);
			return { name: `${owner} ${version}`, licence: readFileSync(`/usr/share/doc/${owner}/copyright`, "utf8").trim() };
		} catch {
			// Debian knows some files by the path without /usr; other systems have no such program.
		}
	}
	return undefined;
}

function quietly(program: string, args: readonly string[]): string {
	return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}
