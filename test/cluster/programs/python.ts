import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "./lock.ts";
import { cacheFolder } from "./programs.ts";
import { run } from "./run.ts";
import { compareVersions, parseVersion } from "./versions.ts";

/** A virtual environment of Python in the user's cache. */
export interface PythonEnvironment {
	/** Begins the folder's name, and the lines about it. */
	readonly name: string;
	/** File with every package, pinned with its hashes: the environment's key. */
	readonly requirements: string;
	/** Such as `3.10`. */
	readonly leastVersion: string;
	/** For the line about the installation, as in `40 s, 360 MB`. */
	readonly cost: string;
}

const REMINDER_MS = 20_000;

/**
 * The interpreter of an environment that holds what the lock asks for, made when it is missing. Safe to interrupt and
 * to run twice at once. Progress goes to stderr. Rejects with a line that says what to install.
 */
export async function pythonOf(environment: PythonEnvironment): Promise<string> {
	const folder = folderOf(environment);
	const python = join(folder, "bin", "python");
	// Only a whole environment has this mark.
	const mark = join(folder, "ready");
	if (existsSync(mark)) return python;
	const say = (line: string) => void process.stderr.write(`${environment.name}: ${line}\n`);
	const waiting = () => say("another process is installing it; waiting");
	await withLock(`${folder}.lock`, waiting, async () => {
		if (existsSync(mark)) return;
		await rm(folder, { recursive: true, force: true });
		await install(environment, folder, say);
		await writeFile(mark, "");
	});
	return python;
}

function folderOf({ name, requirements }: PythonEnvironment): string {
	const key = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
	return join(cacheFolder(), `${name}-${key}`);
}

async function install(
	{ requirements, name, leastVersion, cost }: PythonEnvironment,
	folder: string,
	say: (line: string) => void,
): Promise<void> {
	const system = await findPython(name, leastVersion);
	const start = performance.now();
	const elapsed = () => `${Math.round((performance.now() - start) / 1000)} s`;
	say(`installing into ${folder}, once (normally ${cost})`);
	const reminder = setInterval(() => say(`still installing, ${elapsed()}`), REMINDER_MS);
	try {
		await mkdir(cacheFolder(), { recursive: true });
		await step(
			system,
			["-m", "venv", folder],
			`${name}: ${system} cannot make a virtual environment; install python3-venv`,
		);
		const flags = [
			"--quiet",
			"--disable-pip-version-check",
			"--no-input",
			"--require-hashes",
			"--only-binary",
			":all:",
		];
		await step(
			join(folder, "bin", "python"),
			["-m", "pip", "install", ...flags, "--requirement", requirements],
			`${name}: pip could not install ${requirements}; PyPI must be in reach`,
		);
	} finally {
		clearInterval(reminder);
	}
	say(`installed in ${elapsed()}`);
}

/** `python3`, or one that carries its version in its name where that one is too old. */
async function findPython(name: string, leastVersion: string): Promise<string> {
	const least = parseVersion(leastVersion) ?? [];
	const found: string[] = [];
	for (const command of ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"]) {
		const { code, stdout } = await run(command, ["--version"]);
		const version = code === 0 ? parseVersion(stdout) : undefined;
		if (version && compareVersions(version, least) >= 0) return command;
		if (version) found.push(`${command} is ${version.join(".")}`);
	}
	const there = found.length > 0 ? `; ${found.join(", ")}` : "";
	throw new Error(`${name} needs Python ${leastVersion} or later with venv on the PATH${there}; install it`);
}

async function step(command: string, args: readonly string[], failure: string): Promise<void> {
	const { code, stdout, stderr } = await run(command, args);
	if (code === 0) return;
	const lines = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
	throw new Error(`${failure}:\n${lines.slice(-5).join("\n")}`);
}
