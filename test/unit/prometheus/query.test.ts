import { expect, test } from "vitest";
import { isBareSelector, promql } from "../../../src/adapters/prometheus/query.ts";

test.each([
	"up",
	" node:cpu:rate5m ",
	'up{job="a"}',
	'{__name__="up"}',
	'up{path="}{"}',
	'up{path="\\"}"}',
	"up{path='a\"b', other=`}`}",
])("%s is a bare selector", (query) => {
	expect(isBareSelector(query)).toBe(true);
});

test.each(["up[5m]", "sum(up)", "up + up", 'up{a="b"} > 1', "up offset 5m", "1", "", 'up{a="b"} or up{a="c"}'])(
	"%s is not",
	(query) => {
		expect(isBareSelector(query)).toBe(false);
	},
);

test("a bare gauge is read as what was sampled within the step", () => {
	expect(promql({ query: 'load{a="b"}', kind: "Gauge" }, 30)).toBe('last_over_time(load{a="b"}[30s])');
});

test("a bare counter becomes a rate over two steps, where one was sampled within the step", () => {
	expect(promql({ query: "hits_total", kind: "Rate" }, 0.5)).toBe(
		"rate(hits_total[1s]) and last_over_time(hits_total[500ms])",
	);
});

test("an expression keeps its text but for the lengths", () => {
	const query = 'max(x[$step]) + y[${window}:$step] + z{a="$stepson"}';
	expect(promql({ query, kind: "Gauge" }, 30)).toBe('max(x[30s]) + y[60s:30s] + z{a="$stepson"}');
});
