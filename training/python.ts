import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pythonOf } from "../test/cluster/programs/python.ts";

/** One thread and one kind of processor: the order of additions decides the last bits of a sum. */
const REPRODUCIBLE = {
	OMP_NUM_THREADS: "1",
	OPENBLAS_NUM_THREADS: "1",
	OPENBLAS_CORETYPE: "Haswell",
	NPY_DISABLE_CPU_FEATURES: "X86_V4",
	PYTHONHASHSEED: "0",
};

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** Exit codes of `__main__.py`. */
const [REFUSED, INTERRUPTED] = [2, 130];

/** Python has said in one line what is wrong with the input. */
export class InputRefused extends Error {}

/**
 * Runs the Python package beside this file in its own virtual environment, installed when it is missing. Its output goes
 * to ours. Rejects when it fails, with an empty message: it has said why.
 */
export async function runPython(args: readonly string[]): Promise<void> {
	const python = await pythonOf({
		name: "training",
		requirements: join(import.meta.dirname, "requirements.txt"),
		leastVersion: "3.11",
		cost: "40 s, 420 MB",
	});
	const child = spawn(python, ["-m", "qos_training", ...args], {
		cwd: import.meta.dirname,
		env: { ...process.env, ...REPRODUCIBLE },
		stdio: "inherit",
	});
	const end = () => void child.kill();
	for (const signal of SIGNALS) process.on(signal, end);
	const [code] = (await once(child, "exit")) as [number | null];
	for (const signal of SIGNALS) process.off(signal, end);
	if (code === REFUSED) throw new InputRefused();
	if (code === null || code === INTERRUPTED)
		throw new Error("interrupted; the same command goes on where this one was");
	if (code !== 0) throw new Error("");
}
