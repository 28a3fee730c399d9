import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { findGo } from "../../cluster/programs/go.ts";
import { cacheFolder } from "../../cluster/programs/programs.ts";
import { run } from "../../cluster/programs/run.ts";

const FOLDER = import.meta.dirname;

/** The least Go that knows what the program uses. */
const GO = "1.26";

/**
 * The static program that runs in pods and sends the load: built once per state of its sources, into the cache of
 * the control plane's programs. Rejects with Go's own words when it does not compile.
 */
export async function buildWorkload(interruption: AbortSignal): Promise<string> {
	const folder = join(cacheFolder(), "programs", `workload-${await keyOfSources()}`);
	const file = join(folder, "workload");
	if (existsSync(file)) return file;
	const say = (line: string): void => console.error(`programs: ${line}`);
	const go = await findGo(GO, { say, interruption });
	await mkdir(folder, { recursive: true });
	const partial = `${file}.partial-${process.pid}`;
	const built = await run(go, ["build", "-trimpath", "-ldflags", "-s -w", "-o", partial, "."], {
		cwd: FOLDER,
		signal: interruption,
		env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly", GOOS: "", GOARCH: "" },
	});
	if (built.code !== 0) throw new Error(`building the workload failed:\n${built.stderr.trimEnd()}`);
	await rename(partial, file);
	return file;
}

async function keyOfSources(): Promise<string> {
	const hash = createHash("sha256").update(process.arch);
	const names = (await readdir(FOLDER, { recursive: true })).filter((name) => /\.go$|^go\.mod$/.test(name));
	for (const name of names.toSorted()) hash.update(name).update(await readFile(join(FOLDER, name)));
	return hash.digest("hex").slice(0, 16);
}
