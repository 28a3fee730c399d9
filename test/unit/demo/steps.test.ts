import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { runSteps, StepFailed, waitUntil } from "../../../demo/steps.ts";

const never = new AbortController().signal;

describe("runSteps", () => {
	it("runs the steps in order on the same stage", async () => {
		const steps = ["a", "b", "c"].map((name) => ({
			name,
			timeoutSeconds: 1,
			run: async (stage: string[]) => void stage.push(name),
		}));
		const stage: string[] = [];
		await runSteps(steps, stage, never);
		expect(stage).toEqual(["a", "b", "c"]);
	});

	it("names the step that failed and starts none after it", async () => {
		const stage: string[] = [];
		const steps = [
			{ name: "first", timeoutSeconds: 1, run: () => Promise.reject(new Error("no node")) },
			{ name: "second", timeoutSeconds: 1, run: async (seen: string[]) => void seen.push("second") },
		];
		await expect(runSteps(steps, stage, never)).rejects.toThrow(new StepFailed('step "first": no node'));
		expect(stage).toEqual([]);
	});

	it("gives a step no more than its time and says what it saw last", async () => {
		const step = {
			name: "slow",
			timeoutSeconds: 0.05,
			run: (_: null, signal: AbortSignal) => waitUntil<void>(() => ({ still: "0 of 3 pods ready" }), signal, 5),
		};
		await expect(runSteps([step], null, never)).rejects.toThrow(
			'step "slow": not done after 0.05 s; 0 of 3 pods ready',
		);
	});

	it("does not wait for a step that ignores its signal", async () => {
		const step = { name: "deaf", timeoutSeconds: 0.02, run: () => delay(60_000, undefined, { ref: false }) };
		await expect(runSteps([step], null, never)).rejects.toThrow('step "deaf": not done after 0.02 s');
	});
});

describe("waitUntil", () => {
	it("resolves with what is found at last", async () => {
		let looks = 0;
		const found = await waitUntil(() => (++looks < 3 ? { still: "nothing" } : { found: looks }), never, 1);
		expect(found).toBe(3);
	});
});
