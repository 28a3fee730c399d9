import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runPlugin } from "../../cmd/kubectl-qos/root.ts";
import { parseLogEntry } from "../../src/adapters/decision-log/schema.ts";
import { recordingTerminal } from "../unit/plugin/terminal.ts";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import { migrationIn, nodeOf, reportThat } from "./harness/workloads.ts";

const PATH = join(tmpdir(), `decisions-${process.pid}`, "decisions.jsonl");

const stage = useStage({
	nodes: [{ name: "node-1" }, { name: "node-2" }, { name: "node-3" }],
	world: {
		nodes: { "node-1": { background: 0.5 }, "node-2": { background: 2 }, "node-3": { background: 3 } },
		apps: { web: { serviceTime: "20ms", arrivalRate: 20 } },
	},
	configuration: { decisionLog: { path: PATH } },
});

const WEB = ["shop", "web"] as const;

it("the controller writes what it decides and what came of it, and a replay decides the same", async () => {
	await stage.apply(namespace("shop"), policy("shop"), deployment({ namespace: "shop", name: "web" }));
	expect(await nodeOf(stage, ...WEB)).toBe("node-1");
	await reportThat(stage, WEB, "its measured latency", ({ current }) => current.measured !== undefined);
	stage.world.update({ nodes: { "node-1": { background: 7.6 } } });
	const moved = await migrationIn(stage, WEB, ["Succeeded", "Failed", "Reverted"], 45_000);
	const entries = await stage.waitUntil("the outcome in the log", async () => {
		const lines = (await readFile(PATH, "utf8")).trimEnd().split("\n");
		const parsed = lines
			.map((line) => parseLogEntry(JSON.parse(line)))
			.map((one) => (one.ok ? one.entry : one.message));
		return parsed.some((one) => typeof one !== "string" && one.kind === "Outcome") ? parsed : undefined;
	});
	expect(entries.filter((entry) => typeof entry === "string")).toEqual([]);
	expect(entries).toContainEqual(
		expect.objectContaining({ kind: "Decision", decision: expect.objectContaining({ action: "Move" }) }),
	);
	expect(entries).toContainEqual(
		expect.objectContaining({ kind: "Outcome", migration: moved.metadata.name, phase: moved.status?.phase }),
	);
	const { terminal, output } = recordingTerminal();
	const code = await runPlugin(["backtest", "--trace", PATH], terminal);
	expect([code, output.stderr]).toEqual([0, ""]);
	expect(output.stdout).toMatch(/^kubectl-qos +\d+ +\d+ +0$/m);
});
