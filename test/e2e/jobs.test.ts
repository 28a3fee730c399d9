import { describe, expect, it } from "vitest";
import { CONTROLLER_NAMESPACE } from "./harness/installation.ts";
import type { JobObject } from "./harness/kinds.ts";
import { deployment, job, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";

const INTERVAL_MS = 2_000;
/** The timer looks at its jobs twice a second; a busy machine is later. */
const LATE_MS = 5_000;
const MINUTE_MS = 60_000;

const stage = useStage({
	nodes: [{ name: "node-1" }],
	world: { nodes: {}, apps: {} },
	configuration: { prometheus: { timeout: "1500ms" } },
	manifests: [job("steady", { action: "Predict", interval: `${INTERVAL_MS / 1000}s` })],
});

type Run = NonNullable<NonNullable<JobObject["status"]>["lastRun"]>;

async function statusOf(name: string, inNamespace = CONTROLLER_NAMESPACE): Promise<NonNullable<JobObject["status"]>> {
	return (await stage.api.get("QoSJob", inNamespace, name)).status ?? {};
}

/** The last run once it started after a time (ms). */
function runAfter(name: string, after: number, timeoutMs = 15_000): Promise<Run> {
	return stage.waitUntil(
		`job ${name} runs after ${new Date(after).toISOString()}`,
		async () => {
			const { lastRun } = await statusOf(name);
			if (lastRun && Date.parse(lastRun.startedAt) > after) return lastRun;
			throw new Error(`its last run: ${JSON.stringify(lastRun)}`);
		},
		timeoutMs,
	);
}

/** Seconds of a duration such as `1.5s` or `250ms`. */
function secondsOf(duration = ""): number {
	const [, amount = "", unit = ""] = /^([\d.]+)(ms|s)$/.exec(duration) ?? [];
	return Number(amount) / (unit === "ms" ? 1000 : 1);
}

/** Runs of all jobs, in the order of their ends. */
async function runsInLog(): Promise<readonly { readonly start: number; readonly end: number }[]> {
	const log = (await stage.controllers[0]?.log()) ?? "";
	return log
		.split("\n")
		.filter((line) => line.includes('"job ran"') || line.includes('"job failed"'))
		.map((line) => JSON.parse(line) as { time: string; durationSeconds: number })
		.map(({ time, durationSeconds }) => ({ start: Date.parse(time) - durationSeconds * 1000, end: Date.parse(time) }));
}

describe("QoSJobs", () => {
	const at = new Date(Math.ceil(Date.now() / 1000) * 1000);

	it("run in their interval without drift, and say when they will", async () => {
		const created = Date.parse(
			(await stage.api.get("QoSJob", CONTROLLER_NAMESPACE, "steady")).metadata.creationTimestamp,
		);
		await runAfter("steady", 0);
		for (let count = 0; count < 2; count++) {
			const { nextRun = "" } = await statusOf("steady");
			const due = Date.parse(nextRun);
			// Were times counted from the start of the last run, they would drift by how late that was.
			expect((due - created) % INTERVAL_MS).toBe(0);
			const run = await runAfter("steady", due - 1);
			expect(Date.parse(run.startedAt) - due).toBeLessThan(LATE_MS);
			expect(run).toMatchObject({ result: "Succeeded", message: "evaluated 0 workloads" });
			expect(secondsOf(run.duration)).toBeLessThan(INTERVAL_MS / 1000);
		}
	});

	it("run once at a given time, in the policies that they are about", async () => {
		at.setTime(Math.ceil(Date.now() / 1000) * 1000 + 8_000);
		await stage.apply(
			namespace("team"),
			namespace("others"),
			policy("team", { mode: "Off" }),
			policy("others", { mode: "Off" }),
			deployment({ namespace: "team", name: "web" }),
			deployment({ namespace: "others", name: "web" }),
			job("once", { action: "Rebalance", at: at.toISOString().replace(".000", "") }, "team"),
			job("nightly", { action: "Predict", cron: "30 3 * * *", timezone: "Asia/Kolkata" }),
			job("minutely", { action: "Predict", cron: "* * * * *" }),
			job("resting", { action: "Predict", interval: "1s", suspend: true }),
			job("no-such-time", { action: "Predict", cron: "61 * * * *" }),
			job("no-such-place", { action: "Predict", cron: "0 3 * * *", timezone: "Mars/Olympus" }),
		);
		await stage.waitUntil("when it will run", async () => {
			expect(Date.parse((await statusOf("once", "team")).nextRun ?? "")).toBe(at.getTime());
			return true;
		});
		const { lastRun, nextRun } = await stage.waitUntil("the one run", async () => {
			const status = await statusOf("once", "team");
			return status.lastRun ? status : undefined;
		});
		const late = Date.parse(lastRun?.startedAt ?? "") - at.getTime();
		expect(late).toBeGreaterThanOrEqual(0);
		expect(late).toBeLessThan(LATE_MS);
		// A job of another namespace than the controller's acts there only.
		expect(lastRun).toMatchObject({ result: "Succeeded", message: expect.stringContaining("evaluated 1 workload") });
		expect(nextRun).toBeUndefined();
		const everywhere = await runAfter("steady", at.getTime());
		expect(everywhere.message).toContain("evaluated 2 workloads");
	});

	it("read cron times in their time zone", async () => {
		const { nextRun = "" } = await statusOf("nightly");
		expect(nextRun).toMatch(/T22:00:00(\.000)?Z$/);
		expect(Date.parse(nextRun) - Date.now()).toBeLessThan(24 * 60 * MINUTE_MS);
		expect((await statusOf("minutely")).nextRun).toMatch(/:00(\.000)?Z$/);
	});

	it("say in one line when they can never run", async () => {
		const time = await stage.waitUntil("the refusal of the time", async () => (await statusOf("no-such-time")).lastRun);
		expect(time).toMatchObject({
			result: "Failed",
			message: expect.stringMatching(/^spec\.cron "61 \* \* \* \*".*write five fields/),
		});
		const place = await stage.waitUntil(
			"the refusal of the zone",
			async () => (await statusOf("no-such-place")).lastRun,
		);
		expect(place.message).toBe('spec.timezone "Mars/Olympus" is not an IANA time zone; write it like Europe/Madrid');
		expect(await statusOf("no-such-place")).not.toHaveProperty("nextRun");
	});

	it("never overlap, however long they take", async () => {
		await stage.cluster.freezeProgram("prometheus");
		try {
			await stage.waitUntil("two runs that take longer than the interval", async () => {
				const slow = (await runsInLog()).filter(({ start, end }) => end - start > INTERVAL_MS);
				return slow.length >= 2 ? slow : undefined;
			});
		} finally {
			await stage.cluster.thawProgram("prometheus");
		}
		const runs = await runsInLog();
		// Times in the log are rounded to milliseconds.
		expect(runs.filter(({ start }, index) => start < (runs[index - 1]?.end ?? 0) - 5)).toEqual([]);
	});

	it("rest while suspended", async () => {
		expect(await statusOf("resting")).toEqual({});
		await stage.api.patch("QoSJob", CONTROLLER_NAMESPACE, "steady", { spec: { suspend: true } });
		await stage.waitUntil("no next run", async () =>
			(await statusOf("steady")).nextRun === undefined ? true : undefined,
		);
		const { lastRun } = await statusOf("steady");
		await stage.api.patch("QoSJob", CONTROLLER_NAMESPACE, "resting", { spec: { suspend: false } });
		await runAfter("resting", Date.now() + 2 * INTERVAL_MS);
		expect((await statusOf("steady")).lastRun).toEqual(lastRun);
		// The job that was to run once did so.
		expect(Date.parse((await statusOf("once", "team")).lastRun?.startedAt ?? "") - at.getTime()).toBeLessThan(LATE_MS);
	});

	it("run at the minutes that cron names", async () => {
		const run = await runAfter("minutely", 0, MINUTE_MS + 10_000);
		expect(Date.parse(run.startedAt) % MINUTE_MS).toBeLessThan(LATE_MS);
		expect(run.result).toBe("Succeeded");
	}, 90_000);
});
