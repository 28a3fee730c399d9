import { expect, test } from "vitest";
import { Failures } from "../../../src/core/metrics/failures.ts";
import type { MetricFailure } from "../../../src/core/metrics/metric.ts";

const ALL = ["latency", "fps"];
const invalid: MetricFailure = { metric: "latency", message: "parse error", concerns: "Query" };
const refused: MetricFailure = { metric: "latency", message: "ECONNREFUSED", concerns: "Source" };
const silent: MetricFailure = { ...refused, message: "no answer within 5 s" };

function failuresAfter(...collections: readonly [seconds: number, failures: readonly MetricFailure[]][]): Failures {
	const failures = new Failures();
	for (const [seconds, failed] of collections) failures.note(ALL, failed, seconds * 1000);
	return failures;
}

test("a metric that never had an answer fails at once, and only that one", () => {
	const failures = failuresAfter([0, [invalid]]);
	expect(failures.of("latency", 0, 60)).toBe(invalid);
	expect(failures.of("fps", 0, 60)).toBeUndefined();
	expect(failures.of("unheard of", 0, 60)).toBeUndefined();
});

test("one that had an answer fails once that is too old, and no more once it has the next", () => {
	const failures = failuresAfter([0, []], [30, [refused]], [60, [refused]]);
	expect(failures.of("latency", 60_000, 60)).toBeUndefined();
	expect(failures.of("latency", 60_001, 60)).toBe(refused);
	failures.note(ALL, [], 90_000);
	expect(failures.of("latency", 1e9, 60)).toBeUndefined();
});

test("an answer now and then is enough", () => {
	const failures = new Failures();
	for (let at = 0; at < 600_000; at += 30_000) {
		failures.note(ALL, (at / 30_000) % 2 === 1 ? [refused] : [], at);
		expect(failures.of("latency", at, 60)).toBeUndefined();
	}
});

test("the first words stay until the cause is another one", () => {
	const failures = failuresAfter([0, [refused]], [30, [silent]]);
	expect(failures.of("latency", 30_000, 60)).toBe(refused);
	failures.note(ALL, [invalid], 60_000);
	expect(failures.of("latency", 60_000, 60)).toBe(invalid);
});

test("an answer that a clock heard before it was set back is none", () => {
	const failures = failuresAfter([86_400, []], [30, [refused]]);
	expect(failures.of("latency", 60_000, 60)).toBe(refused);
});
