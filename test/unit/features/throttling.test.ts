import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { serviceTime } from "../../../src/core/features/service-time.ts";
import { throttling } from "../../../src/core/features/throttling.ts";
import type { Model } from "../../../src/core/model/model.ts";
import { slowdown } from "../../../src/core/model/response.ts";
import { predict } from "../../../src/core/prediction/predict.ts";
import { prepare } from "../../../src/core/prediction/preparation.ts";
import { random } from "../calibration/streams.ts";
import { APP, headroomModels, inputsOf, LATENCY, requestFor, valuesOf } from "../prediction/world.ts";
import { ON_A, observe, situation } from "./situation.ts";

describe("throttling", () => {
	it("rises with the share of the limit, the steeper the smaller the limit, and is all of the share beyond it", () => {
		const share = fc.double({ min: 0, max: 3, noNaN: true });
		const limit = fc.double({ min: 0.01, max: 8, noNaN: true });
		fc.assert(
			fc.property(share, share, limit, (one, other, limit) => {
				const [less, more] = [Math.min(one, other), Math.max(one, other)];
				expect(throttling({ share: less, limit }, 1)).toBeLessThanOrEqual(throttling({ share: more, limit }, 1));
				expect(throttling({ share: more, limit }, 1)).toBeLessThanOrEqual(Math.max(1, more));
				expect(throttling({ share: one, limit: limit + 1 }, 1)).toBeLessThanOrEqual(
					throttling({ share: one, limit }, 1),
				);
			}),
		);
		expect(throttling({ share: 0.3, limit: 0.4 }, 1)).toBeLessThan(0.1);
		expect(throttling({ share: 1.25, limit: 0.4 }, 1)).toBe(1.25);
	});

	it.each([0.1, 0.16, 0.4, 1])("slows down about as much as the kernel's quota does, limit %f", (limit) => {
		for (const share of [0.5, 0.7, 0.8, 0.9]) {
			const factor = slowdown(throttling({ share, limit }, 1)) / quotaSlowdown(share, limit);
			expect(factor, `share ${share}`).toBeGreaterThan(1 / 2.5);
			expect(factor, `share ${share}`).toBeLessThan(2.5);
		}
	});
});

/**
 * Mean time over CPU cost of requests of 5 ms that come at random, of a pod alone on a core whose limit hands out so
 * many cores anew every 100 ms.
 */
function quotaSlowdown(share: number, limit: number): number {
	const [cost, period, requests] = [0.005, 0.1, 20_000];
	const next = random(1);
	let [arrival, now, quota, sum] = [0, 0, limit * period, 0];
	let end = period;
	for (let request = 0; request < requests; request += 1) {
		arrival -= (Math.log(1 - next()) * cost) / (share * limit);
		now = Math.max(now, arrival);
		for (let left = cost; left > 1e-9; ) {
			if (now >= end || quota < 1e-9) {
				now = Math.max(now, end);
				end = (Math.floor(now / period + 1e-9) + 1) * period;
				quota = limit * period;
			}
			const run = Math.min(left, quota, end - now);
			left -= run;
			quota -= run;
			now += run;
		}
		sum += now - arrival;
	}
	return sum / requests / cost;
}

describe("an app with a CPU limit", () => {
	let headroom: Model;
	beforeAll(async () => {
		headroom = (await headroomModels()).Minimize;
	});

	/** Values on two idle nodes, b being twice as fast as a, where the app runs and uses half a core. */
	async function values(
		cpuLimit: number | undefined,
		{ currentCpuLimit }: { readonly currentCpuLimit: number | undefined } = { currentCpuLimit: cpuLimit },
	): Promise<Readonly<Record<string, number>>> {
		const inputs = inputsOf({
			nodes: { a: { cpu: 0, cores: 4 }, b: { cpu: 0, cores: 4, speed: 2 } },
			workloads: { [APP]: { latency: 0.1, workload_cpu_usage: 0.5 } },
		});
		const request = requestFor(headroom, ["a", "b"], { ...ON_A, cpuLimit, currentCpuLimit });
		const [result] = await predict([request], prepare(inputs));
		return valuesOf(result);
	}

	it("gains from a faster node what work at its limit has cost it", async () => {
		const free = await values(undefined);
		const tight = await values(0.5);
		expect(tight["a"]).toBeCloseTo(free["a"] as number, 3);
		expect((free["a"] as number) / (free["b"] as number)).toBeLessThan(2.5);
		expect((tight["a"] as number) / (tight["b"] as number)).toBeGreaterThan(20);
	});

	it("well below its limit is predicted as without", async () => {
		const free = await values(undefined);
		const wide = await values(5);
		expect(wide["a"]).toBeCloseTo(free["a"] as number, 4);
		expect(wide["b"]).toBeCloseTo(free["b"] as number, 4);
	});

	it("falls off a cliff where its template gets one below its demand, and climbs back where that is taken away", async () => {
		const free = await values(undefined);
		const toCome = await values(0.4, { currentCpuLimit: undefined });
		expect((toCome["a"] as number) / (free["a"] as number)).toBeGreaterThan(10);
		expect(toCome["a"]).toBeGreaterThan(10 * (toCome["b"] as number));
		const toGo = await values(undefined, { currentCpuLimit: 0.5 });
		expect((free["a"] as number) / (toGo["a"] as number)).toBeGreaterThan(10);
	});

	it("has a service time that its limit is taken out of; what it uses must be known for that", () => {
		const limited = situation({ ...ON_A, objective: LATENCY, currentCpuLimit: 0.5 });
		const world = (usage: number) => ({
			nodes: { a: { cpu: 0, cores: 4 } },
			workloads: { [APP]: { latency: 0.4, workload_cpu_usage: usage } },
		});
		expect(serviceTime(limited, observe(world(0.5)))?.value).toBeCloseTo(0.4 / slowdown(1), 6);
		expect(serviceTime(limited, observe(world(Number.NaN)))?.value).toBeCloseTo(0.4, 6);
	});
});
