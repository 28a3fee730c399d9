import { expect, test } from "vitest";
import { parseConfiguration } from "../../../src/config/read.ts";

const read = (section: string, rest = "") =>
	parseConfiguration(`prometheus: { url: "http://prometheus:9090" }\n${rest}\nagent: ${section}\n`, "config.yaml");

test("the agent's API is off, and has TLS, unless told otherwise", () => {
	expect(read("{}").agent).toMatchObject({ enabled: false, plainHttp: false, port: 8444, sensors: {} });
});

test("sensors are triggers in the API's own words", () => {
	const { sensors } = read("{ sensors: { watch_qos: { interval: { minutes: 5 } } } }").agent;
	expect(sensors["watch_qos"]).toMatchObject({ action: "Rebalance", interval: { minutes: 5, seconds: 0 } });
});

test.each([
	["{ enabled: true }", "webhook: { enabled: false }", "agent: has no certificate"],
	["{ certificateFile: a.pem }", "", "agent.keyFile: certificateFile and keyFile go together"],
	[
		"{ certificateFile: a.pem, keyFile: k.pem, plainHttp: true }",
		"",
		"agent.plainHttp: is true beside certificateFile",
	],
	["{ sensors: { a: {} } }", "", "agent.sensors.a: set exactly one of interval, date and cron"],
	["{ sensors: { a: { interval: { seconds: 0 } } } }", "", "agent.sensors.a.interval: an interval needs one of"],
	["{ sensors: { a: { cron: { hour: 3, year: 2027 } } } }", "", "agent.sensors.a.cron.year: cannot be mapped"],
	["{ tls: false }", "", 'unknown field "tls"'],
])("%s %s is refused in one line", (section, rest, line) => {
	expect(() => read(section, rest)).toThrow(line);
});

test.each(["{ enabled: true, plainHttp: true }", "{ enabled: true, certificateFile: a.pem, keyFile: k.pem }"])(
	"%s needs no webhook",
	(section) => {
		expect(read(section, "webhook: { enabled: false }").agent.enabled).toBe(true);
	},
);
