import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Foresight } from "./shares/foresight.ts";
import { loadSeen } from "./shares/recording.ts";
import { rowsOf, tableOf } from "./shares/rows.ts";
import { runSituations } from "./shares/run.ts";
import { ALONE, nodesOf, SITUATIONS } from "./shares/situations.ts";
import { verdicts } from "./shares/verdict.ts";

const OPTIONS = {
	/** Cores of the node `whole`. */
	whole: { type: "string", default: "1" },
	/** Names of situations to live through, with commas; default: all. */
	only: { type: "string" },
	/** Folder for what was seen, beside what it has of other situations; default: a temporary one. */
	out: { type: "string" },
	/** Predict and judge anew what an earlier run left in `--out`, and run nothing. */
	again: { type: "boolean", default: false },
} as const;

/** CPU shares and limits on real nodes: what an app takes in each situation, beside what was predicted of it. */
export async function run(args: readonly string[]): Promise<void> {
	const { values } = parseArgs({ args: [...args], options: OPTIONS });
	const folder = resolve(values.out ?? (await mkdtemp(join(tmpdir(), "kubectl-qos-shares-"))));
	await mkdir(folder, { recursive: true });
	const only = values.only?.split(",");
	const situations = SITUATIONS.filter(({ name }) => only?.includes(name) ?? true);
	const stop = new AbortController();
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
	process.once("disconnect", () => stop.abort());
	process.channel?.unref();
	if (!values.again)
		await runSituations({ situations, nodes: nodesOf(Number(values.whole)), folder, stopped: stop.signal });
	const rows = await rowsOf(await loadSeen(folder), await Foresight.open());
	const alone = rows.find(({ situation }) => situation.name === ALONE);
	if (!alone) throw new Error(`all is compared with the app alone: it is not in ${folder}`);
	const table = tableOf(rows, alone);
	await writeFile(join(folder, "table.md"), table);
	console.log(`\n${table}`);
	for (const { what, holds } of verdicts(rows, alone)) console.log(`  ${holds ? "holds " : "FAILS "}  ${what}`);
	console.log(`What was seen is in ${folder}`);
}
