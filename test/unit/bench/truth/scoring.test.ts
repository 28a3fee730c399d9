import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRequests, type Request } from "../../../../bench/truth/requests.ts";
import { agreement, agreementOfHalves } from "../../../../bench/truth/scoring/agreement.ts";
import { latencyFigures, percentile, windowsOf } from "../../../../bench/truth/scoring/latency.ts";
import {
	type Forecast,
	followUp,
	isWorldSettled,
	predictionFigures,
} from "../../../../bench/truth/scoring/predictions.ts";
import { violationsByTarget } from "../../../../bench/truth/scoring/targets.ts";
import { CONTROL, scriptOf } from "../../../../bench/truth/script.ts";

const START = 1_000_000;

function request(second: number, latency: number, more: Partial<Request> = {}): Request {
	return { kind: "request", at: START + second * 1000, app: "a", node: "n", pod: "p", latency, ok: true, ...more };
}

describe("percentile", () => {
	it("is a value that at least that share is at or below, and the smallest such", () => {
		const values = fc.array(fc.double({ min: 0, max: 1e3, noNaN: true }), { minLength: 1 });
		fc.assert(
			fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, q) => {
				const found = percentile(all, q);
				const share = (limit: (value: number) => boolean): number => all.filter(limit).length / all.length;
				expect(share((value) => value <= found)).toBeGreaterThanOrEqual(q - 1e-12);
				expect(share((value) => value < found)).toBeLessThan(q);
			}),
		);
	});

	it("is unknown of nothing", () => expect(percentile([], 0.5)).toBeNaN());
});

describe("latencyFigures", () => {
	const span = { from: START, seconds: 30, target: 0.1 };

	it("counts the time of windows whose mean is beyond the target", () => {
		const requests = [request(1, 0.05), request(2, 0.2), request(11, 0.05), request(12, 0.1), request(25, 0.3)];
		expect(latencyFigures(requests, span)).toEqual({ requests: 5, failed: 0, p50: 0.1, p99: 0.3, violated: 20 });
	});

	it("takes one failed request for a violated window, and leaves it out of the percentiles", () => {
		const requests = [...Array.from({ length: 90 }, () => request(3, 0.01)), request(4, 0, { ok: false })];
		expect(latencyFigures(requests, span)).toMatchObject({ failed: 1, p99: 0.01, violated: 10 });
	});

	it("knows nothing of windows without requests, or outside the run", () => {
		const windows = windowsOf([request(-1, 9), request(31, 9), request(15, 0.02)], START, 30);
		expect(windows.map(({ mean }) => mean)).toEqual([Number.NaN, 0.02, Number.NaN]);
	});
});

const forecast: Forecast = {
	app: "a",
	at: START,
	horizonSeconds: 30,
	node: "n",
	predicted: new Map([
		["n", { value: 0.11, lower: 0.08, upper: 0.12 }],
		["other", { value: 0.3, lower: 0.2, upper: 0.5 }],
	]),
};

describe("followUp", () => {
	const twelve = Array.from({ length: 12 }, (_, second) => request(second, 0.1));

	it("compares with the mean over the horizon", () => {
		const [followed, ...more] = followUp([forecast], [...twelve, request(31, 5)]);
		expect(more).toEqual([]);
		expect(followed).toMatchObject({ app: "a", node: "n", at: START, isCovered: true });
		expect(followed?.error).toBeCloseTo(0.1, 9);
	});

	it("leaves out what moved, failed or was hardly asked for", () => {
		for (const requests of [
			[...twelve, request(13, 0.1, { node: "other" })],
			[...twelve, request(13, 0, { ok: false })],
			twelve.slice(3),
		]) {
			expect(followUp([forecast], requests)).toEqual([]);
		}
	});

	it("sums up error, bias and coverage", () => {
		const base = { app: "a", node: "n", at: 0 };
		const figures = predictionFigures([
			{ ...base, error: 0.3, isCovered: false },
			{ ...base, error: -0.1, isCovered: true },
		]);
		expect(figures).toEqual({ count: 2, error: 0.2, bias: expect.closeTo(0.1, 9), coverage: 0.5 });
	});
});

describe("isWorldSettled", () => {
	it("wants no change within the horizon, nor in the 30 s before", () => {
		const settled = (second: number): boolean => isWorldSettled(forecast, [START + second * 1000]);
		expect([-31, -30, 0, 30, 31].map(settled)).toEqual([true, false, false, false, true]);
		expect(isWorldSettled(forecast, [])).toBe(true);
	});
});

describe("agreement", () => {
	const probes = (node: string, latency: number): readonly Request[] =>
		[5, 10, 15].map((second) => request(second, latency, { kind: "probe", node }));

	it("is reached where the best by prediction is the best by measurement", () => {
		expect(agreement([forecast], [...probes("n", 0.1), ...probes("other", 0.2)])).toEqual({ count: 1, share: 1 });
		expect(agreement([forecast], [...probes("n", 0.3), ...probes("other", 0.2)])).toEqual({ count: 1, share: 0 });
	});

	it("asks only where it makes a difference and was measured", () => {
		expect(agreement([forecast], [...probes("n", 0.1), ...probes("other", 0.105)]).count).toBe(0);
		expect(agreement([forecast], [...probes("n", 0.1), ...probes("other", 0.3).slice(1)]).count).toBe(0);
	});
});

describe("agreement of halves", () => {
	const probes = (node: string, latencies: readonly number[]): readonly Request[] =>
		latencies.map((latency, index) => request(5 + index, latency, { kind: "probe", node }));

	it("is what the probes can tell by themselves, whatever was predicted", () => {
		const sure = [...probes("n", [0.1, 0.1, 0.1, 0.1]), ...probes("other", [0.2, 0.2, 0.2, 0.2])];
		expect(agreementOfHalves([forecast], sure)).toEqual({ count: 1, share: 1 });
		const unsure = [...probes("n", [0.1, 0.3, 0.1, 0.3]), ...probes("other", [0.2, 0.2, 0.2, 0.2])];
		expect(agreementOfHalves([forecast], unsure)).toEqual({ count: 1, share: 0 });
		const even = [...probes("n", [0.2, 0.1, 0.2, 0.1]), ...probes("other", [0.2, 0.2, 0.2, 0.2])];
		expect(agreementOfHalves([forecast], even).count).toBe(0);
	});
});

describe("violations by target", () => {
	it("are app-seconds beyond multiples of the cost", () => {
		const windows = [0.3, 0.55, 0.9, Number.NaN].map((mean, index) => ({ from: index * 10_000, mean }));
		const violated = violationsByTarget([
			{ windows, cost: 0.1 },
			{ windows, cost: 1 },
		]);
		expect([4, 5, 6, 8, 10].map((factor) => violated.get(factor))).toEqual([20, 20, 10, 10, 0]);
	});
});

describe("parseRequests", () => {
	it("reads the load generator's lines", () => {
		const csv =
			"kind,time_ms,app,node,pod,latency_ms,status\nrequest,5000,a,n,p,12.500,200\nrequest,5001,a,,,0.000,no-endpoint\n";
		expect(parseRequests(csv)).toEqual([
			{ kind: "request", at: 5000, app: "a", node: "n", pod: "p", latency: 0.0125, ok: true },
			{ kind: "request", at: 5001, app: "a", node: "", pod: "", latency: 0, ok: false },
		]);
	});

	it("names the line that is none", () => {
		expect(() => parseRequests("head\nrequest,5,a,n,p,x,200\n")).toThrow(/line 2/);
	});
});

describe("scriptOf", () => {
	it("keeps everything within the run, however long, and the nodes' speeds below the machine's", () => {
		for (const minutes of [2, 5, 15]) {
			const { seconds, neighbours, troubles, nodes } = scriptOf(minutes);
			for (const { from, to, node } of [...neighbours, ...troubles]) {
				expect(from).toBeLessThan(to);
				expect(to).toBeLessThanOrEqual(seconds);
				expect(nodes.map(({ name }) => name)).toContain(node);
			}
			expect(nodes.reduce((sum, { speed }) => sum + speed, CONTROL.speed)).toBeLessThan(1.8);
			expect(nodes.map(({ name }) => name)).not.toContain(CONTROL.name);
		}
	});
});
