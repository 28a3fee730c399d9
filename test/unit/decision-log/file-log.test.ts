import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileDecisionLog } from "../../../src/adapters/decision-log/file-log.ts";
import { parseLogEntry } from "../../../src/adapters/decision-log/schema.ts";
import { decisionEntry } from "../../../src/core/decision-log/decision.ts";
import { isSame, replay } from "../../../src/core/decision-log/replay.ts";
import { input } from "../recommendation/builders.ts";
import { evaluated, OUTCOME } from "./world.ts";

let directory = "";
beforeEach(async () => {
	directory = await mkdtemp(join(tmpdir(), "decisions-"));
});
afterEach(() => rm(directory, { recursive: true }));

function open(changes: Partial<ConstructorParameters<typeof FileDecisionLog>[0]> = {}) {
	const failures: string[] = [];
	const log = new FileDecisionLog({
		path: join(directory, "log", "decisions.jsonl"),
		maxBytes: 10_000,
		keptFiles: 2,
		candidates: 20,
		onFailure: (message) => failures.push(message),
		...changes,
	});
	return { log, failures };
}

const entry = decisionEntry(evaluated(input()), 20);

describe("the decision log's file", () => {
	it("stays within its bounds, and each file can be replayed by itself", async () => {
		const { log, failures } = open();
		for (let count = 0; count < 60; count += 1) log.record([entry]);
		await log.close();
		expect(failures).toEqual([]);
		const names = (await readdir(join(directory, "log"))).sort();
		expect(names).toEqual(["decisions.jsonl", "decisions.jsonl.1", "decisions.jsonl.2"]);
		for (const name of names) {
			const path = join(directory, "log", name);
			expect((await stat(path)).size).toBeLessThanOrEqual(10_000);
			const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
			for (const line of lines) {
				const parsed = parseLogEntry(JSON.parse(line));
				if (!parsed.ok || parsed.entry.kind !== "Decision") throw new Error("no decision");
				expect(isSame(parsed.entry, replay(parsed.entry))).toBe(true);
			}
		}
	});

	it.runIf(process.platform === "linux")(
		"says once, with path and remedy, that its folder cannot be made",
		async () => {
			const path = "/proc/kubectl-qos/decisions.jsonl";
			const { log, failures } = open({ path });
			for (let count = 0; count < 2; count += 1) {
				log.record([OUTCOME]);
				await log.close();
			}
			expect(failures).toEqual([
				`${path} cannot be written (ENOENT); set decisionLog.path to a file in a folder that can be written`,
			]);
		},
	);

	it("is gone on with by the next process, and keeps none beside it when told so", async () => {
		const { log } = open({ keptFiles: 0 });
		log.record([OUTCOME]);
		await log.close();
		const next = open({ keptFiles: 0 }).log;
		next.record([OUTCOME]);
		await next.close();
		const path = join(directory, "log", "decisions.jsonl");
		expect((await readFile(path, "utf8")).trimEnd().split("\n")).toHaveLength(2);
		const small = open({ keptFiles: 0, maxBytes: 300 }).log;
		for (let count = 0; count < 9; count += 1) small.record([OUTCOME]);
		await small.close();
		expect(await readdir(join(directory, "log"))).toEqual(["decisions.jsonl"]);
		expect((await stat(path)).size).toBeLessThanOrEqual(300);
	});

	it("that cannot be written fails once, throws nothing, and goes on when it can", async () => {
		await writeFile(join(directory, "log"), "in the way");
		const { log, failures } = open();
		for (let count = 0; count < 3; count += 1) {
			log.record([OUTCOME]);
			await log.close();
		}
		expect(failures).toHaveLength(1);
		await rm(join(directory, "log"));
		log.record([OUTCOME]);
		await log.close();
		expect((await readFile(join(directory, "log", "decisions.jsonl"), "utf8")).trimEnd().split("\n")).toHaveLength(1);
	});

	it("takes entries without waiting for the disk", () => {
		const { log } = open({ path: "/dev/full" });
		const start = performance.now();
		log.record([OUTCOME]);
		expect(performance.now() - start).toBeLessThan(1000);
		return log.close();
	});
});
