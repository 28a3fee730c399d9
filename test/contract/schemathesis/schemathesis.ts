import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { pythonOf } from "../../cluster/programs/python.ts";

const HERE = import.meta.dirname;
/** Cases per operation and phase: the whole takes about a minute on two busy cores. */
const EXAMPLES = 8;
/** The same cases in every run, so that what fails can be seen to fail again. */
const SEED = 6;

/** Interpreter with schemathesis, installed into the user's cache when it is missing (once). */
export function schemathesisPython(): Promise<string> {
	return pythonOf({
		name: "schemathesis",
		requirements: join(HERE, "requirements.txt"),
		leastVersion: "3.11",
		cost: "15 s, 95 MB",
	});
}

export interface FuzzOptions {
	readonly url: string;
	/** PEM file with the authority to trust. */
	readonly caFile: string;
	readonly token: string;
	/** Of an empty folder, for what it writes. */
	readonly folder: string;
}

/** Tries an API against its own document with all checks. Resolves to the report and whether nothing was found. */
export async function fuzz({ url, caFile, token, folder }: FuzzOptions): Promise<{ clean: boolean; report: string }> {
	const program = join(dirname(await schemathesisPython()), "schemathesis");
	const args = ["--config-file", join(HERE, "schemathesis.toml"), "run", `${url}/openapi.json`];
	args.push("--checks", "all", "--max-examples", String(EXAMPLES), "--seed", String(SEED), "--workers", "1");
	args.push("--tls-verify", caFile, "--header", `Authorization: Bearer ${token}`, "--no-color");
	args.push("--generation-database", "none");
	const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
	let report = "";
	for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (report += String(chunk)));
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once("error", reject);
		child.once("close", resolve);
	});
	return { clean: code === 0, report };
}
