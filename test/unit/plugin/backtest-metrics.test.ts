import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPlugin } from "../../../cmd/kubectl-qos/root.ts";
import { DEFAULT_CAPS } from "../../../src/core/migration/caps.ts";
import { random } from "../recommendation/simulation.ts";
import { recordingTerminal } from "./terminal.ts";

let directory = "";
beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), "backtest-metrics-"));
});
afterAll(() => rm(directory, { recursive: true }));

const POLICY = `kind: QoSPolicy
metadata: { name: latency }
spec:
  workloadSelector: {}
  objective: { metric: latency, direction: Minimize, target: 60m }
`;

/** Service time over headroom left, every minute; at half time the busiest node and the idlest change places. */
function metricsTrace({ workloads, ticks, columns }: { workloads: number; ticks: number; columns?: string }): string {
	const next = random(1);
	const lines = [columns ?? "time,workload,node,latency,workload_cpu_usage,node_cpu_usage,node_cpu_cores"];
	for (let tick = 0; tick < ticks; tick += 1) {
		const busy = tick < ticks / 2 ? [0.2, 0.5, 0.8] : [0.8, 0.5, 0.2];
		const used = busy.map((share) => share + (next() - 0.5) * 0.04);
		const time = new Date(Date.UTC(2026, 0, 1) + tick * 60_000).toISOString();
		for (let app = 0; app < workloads; app += 1) {
			for (const [node, share] of used.entries()) {
				const latency = (0.015 / (1 - share)) * (1 + (next() - 0.5) * 0.1);
				lines.push(`${time},shop/app-${app},n${node},${latency},0.2,${8 * share},8`);
			}
		}
	}
	return lines.join("\n");
}

async function run(trace: string, ...words: string[]) {
	const path = join(directory, "metrics.csv");
	const policy = join(directory, "policy.yaml");
	await writeFile(path, trace);
	await writeFile(policy, POLICY);
	const { terminal, output } = recordingTerminal();
	const code = await runPlugin(["backtest", "--trace", path, "--policy", policy, ...words], terminal);
	return { code, ...output };
}

interface Printed {
	readonly name: string;
	readonly eff: number;
	readonly mae: number;
	readonly coverage: number;
	readonly moves: readonly { time: string; workload: string; from: string; to: string }[];
}

describe("kubectl qos backtest on metrics", () => {
	it("predicts with the model, learns from what comes, and follows a change", async () => {
		const { code, stdout, stderr } = await run(
			metricsTrace({ workloads: 2, ticks: 240 }),
			"-o",
			"json",
			"--compare",
			"all",
		);
		expect([code, stderr]).toEqual([0, "1440 rows, 240 ticks of 1m, 2 workloads; Minimize latency, target 0.06\n"]);
		const { policies } = JSON.parse(stdout) as { policies: readonly Printed[] };
		const [ours] = policies;
		const oracle = policies.at(-1);
		expect(ours?.coverage).toBeGreaterThan(0.8);
		expect(ours?.mae).toBeLessThan(0.01);
		for (const workload of ["shop/app-0", "shop/app-1"]) {
			const visited = ours?.moves.filter((move) => move.workload === workload).map(({ to }) => to) ?? [];
			expect(visited[0]).toBe("n0");
			expect(visited.at(-1)).toBe("n2");
		}
		// They begin on the busiest node, where latency is 75 ms.
		expect(ours?.eff).toBeLessThan(0.03);
		for (const { eff } of policies) expect(eff).toBeGreaterThanOrEqual((oracle?.eff as number) - 1e-12);
	});

	it("keeps within the caps of a cycle", async () => {
		const { stdout } = await run(metricsTrace({ workloads: 8, ticks: 120 }), "-o", "json");
		const { policies } = JSON.parse(stdout) as { policies: readonly Printed[] };
		const moves = policies[0]?.moves ?? [];
		expect(moves.length).toBeGreaterThanOrEqual(8);
		for (const same of Map.groupBy(moves, ({ time }) => time).values()) {
			expect(same.length).toBeLessThanOrEqual(DEFAULT_CAPS.perCycle);
			for (const [ends, most] of [
				[Map.groupBy(same, ({ from }) => from), DEFAULT_CAPS.perSource],
				[Map.groupBy(same, ({ to }) => to), DEFAULT_CAPS.perDestination],
			] as const) {
				for (const group of ends.values()) expect(group.length).toBeLessThanOrEqual(most);
			}
		}
	});

	it("moves nothing while what the model needs is not measured", async () => {
		const renamed = metricsTrace({ workloads: 1, ticks: 60, columns: "time,workload,node,latency,a,b,c" });
		const { code, stdout, stderr } = await run(renamed, "-o", "json");
		expect(code).toBe(0);
		expect(stderr).toContain("note: there is no column node_cpu_cores");
		expect((JSON.parse(stdout) as { policies: readonly Printed[] }).policies[0]?.moves).toEqual([]);
	});

	it("needs the objective's metric", async () => {
		const { code, stdout, stderr } = await run("time,workload,node,fps\n2026-01-01,w,a,3");
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(/metrics\.csv, line 1: there is no column latency, the objective's metric; add it/);
	});
});
