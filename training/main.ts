import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../test/cluster/programs/programs.ts";

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

/** One thread and one kind of processor: the order of additions decides the last bits of a sum. */
const REPRODUCIBLE = {
	OMP_NUM_THREADS: "1",
	OPENBLAS_NUM_THREADS: "1",
	OPENBLAS_CORETYPE: "Haswell",
	NPY_DISABLE_CPU_FEATURES: "X86_V4",
	PYTHONHASHSEED: "0",
};

/** Runs the Python package beside this file in its own virtual environment; `args` name the model. */
async function main(args: readonly string[]): Promise<number> {
	const python = await environment();
	const { status } = spawnSync(python, ["-m", "qos_training", ...args], {
		cwd: import.meta.dirname,
		env: { ...process.env, ...REPRODUCIBLE },
		stdio: "inherit",
	});
	return status ?? 1;
}

/** The interpreter of the environment that holds what the lock asks for; made when it is missing. */
async function environment(): Promise<string> {
	const key = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
	const folder = join(cacheFolder(), `training-${key}`);
	const python = join(folder, "bin", "python");
	if (existsSync(join(folder, "ready"))) return python;
	console.error(`installing training/requirements.txt into ${folder} (once)`);
	await rm(folder, { recursive: true, force: true });
	run("python3", ["-m", "venv", folder]);
	run(python, [
		"-c",
		"import sys; sys.exit('training needs Python 3.11 or later') if sys.version_info < (3, 11) else 0",
	]);
	const pip = [
		"-m",
		"pip",
		"install",
		"--quiet",
		"--disable-pip-version-check",
		"--require-hashes",
		"--only-binary",
		":all:",
	];
	run(python, [...pip, "--requirement", REQUIREMENTS]);
	// Only a whole environment has this mark.
	await writeFile(join(folder, "ready"), "");
	return python;
}

function run(command: string, args: readonly string[]): void {
	const { status, error } = spawnSync(command, args, { stdio: "inherit" });
	if (status === 0) return;
	throw new Error(
		error ? `${command} cannot be run; install Python 3.11 or later with venv` : `${command} ${args.join(" ")} failed`,
	);
}

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	console.error(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
}
