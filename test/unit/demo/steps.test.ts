import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { StepFailed, step, waitUntil } from "../../../demo/steps.ts";

const stopped = new AbortController().signal;

describe("step", () => {
	it("resolves to what the step does", async () => {
		expect(await step({ name: "count", timeoutSeconds: 1, stopped }, async () => 3)).toBe(3);
	});

	it("names the step that failed", async () => {
		const failing = step({ name: "first", timeoutSeconds: 1, stopped }, () => Promise.reject(new Error("no node")));
		await expect(failing).rejects.toThrow(new StepFailed('step "first": no node'));
	});

	it("gives a step no more than its time and says what it saw last", async () => {
		const slow = step({ name: "slow", timeoutSeconds: 0.05, stopped }, (signal) =>
			waitUntil<void>(() => ({ still: "0 of 3 pods ready" }), signal, 5),
		);
		await expect(slow).rejects.toThrow('step "slow": not done after 0.05 s; 0 of 3 pods ready');
	});

	it("does not wait for a step that ignores its signal", async () => {
		const deaf = step({ name: "deaf", timeoutSeconds: 0.02, stopped }, () => delay(60_000, undefined, { ref: false }));
		await expect(deaf).rejects.toThrow('step "deaf": not done after 0.02 s');
	});

	it("is no failure when the story was stopped", async () => {
		const stop = new AbortController();
		const running = step({ name: "any", timeoutSeconds: 9, stopped: stop.signal }, (signal) =>
			waitUntil<void>(() => ({ still: "waiting" }), signal, 5),
		);
		stop.abort();
		await expect(running).rejects.not.toBeInstanceOf(StepFailed);
	});
});

describe("waitUntil", () => {
	it("resolves with what is found at last", async () => {
		let looks = 0;
		const found = await waitUntil(() => (++looks < 3 ? { still: "nothing" } : { found: looks }), stopped, 1);
		expect(found).toBe(3);
	});
});
