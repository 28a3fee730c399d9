import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { formatAge } from "../../../cmd/kubectl-qos/output/age.ts";
import { formatInterval, formatShare, formatValue } from "../../../cmd/kubectl-qos/output/number.ts";
import { printValue, qualifiedName } from "../../../cmd/kubectl-qos/output/print.ts";
import { printable, withoutControls } from "../../../cmd/kubectl-qos/output/printable.ts";
import { formatTable } from "../../../cmd/kubectl-qos/output/table.ts";
import { isOlder } from "../../../cmd/kubectl-qos/resources/controller.ts";
import { recordingTerminal } from "./terminal.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("formatAge", () => {
	it.each([
		[0, "0s"],
		[-1 * SECOND, "0s"],
		[-2 * SECOND, "<invalid>"],
		[119 * SECOND, "119s"],
		[2 * MINUTE, "2m"],
		[5 * MINUTE + 3 * SECOND, "5m3s"],
		[10 * MINUTE + 3 * SECOND, "10m"],
		[179 * MINUTE, "179m"],
		[3 * HOUR, "3h"],
		[3 * HOUR + 5 * MINUTE, "3h5m"],
		[8 * HOUR + 5 * MINUTE, "8h"],
		[47 * HOUR, "47h"],
		[2 * DAY, "2d"],
		[3 * DAY + 4 * HOUR, "3d4h"],
		[8 * DAY + 4 * HOUR, "8d"],
		[729 * DAY, "729d"],
		[730 * DAY, "2y"],
		[3 * 365 * DAY + 5 * DAY, "3y5d"],
		[9 * 365 * DAY + 5 * DAY, "9y"],
		[Number.NaN, "<unknown>"],
	])("%d ms is %s", (milliseconds, text) => {
		expect(formatAge(milliseconds)).toBe(text);
	});
});

describe("formatValue", () => {
	it.each([
		[0.041, "seconds", "41ms"],
		[0.0413, "seconds", "41ms"],
		[0.0041, "seconds", "4.1ms"],
		[0.004, "seconds", "4ms"],
		[0.00002, "seconds", "20µs"],
		[0.9996, "seconds", "1s"],
		[1.24, "seconds", "1.2s"],
		[75, "seconds", "75s"],
		[0, "seconds", "0s"],
		[-0.041, "seconds", "-41ms"],
		[58.4, "frames_per_second", "58fps"],
		[0.22, "ratio", "22%"],
		[0.25, "cores", "250m"],
		[2, "cores", "2"],
		[3 * 2 ** 20, "bytes", "3Mi"],
		[12.3, "widgets", "12"],
		[0.0042, "widgets", "0.0042"],
	])("%d %s is %s", (value, unit, text) => {
		expect(formatValue(value, unit)).toBe(text);
	});

	it.each([undefined, Number.NaN, Number.POSITIVE_INFINITY])("shows %s as unknown, never as 0", (value) => {
		expect(formatValue(value, "seconds")).toBe("<unknown>");
	});

	it("never shows a value that is not 0 as 0", () => {
		const value = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
		const unit = fc.constantFrom("seconds", "bytes", "cores", "ratio", "frames_per_second", "widgets");
		fc.assert(
			fc.property(value, unit, (number, name) => {
				expect(Number.parseFloat(formatValue(number, name))).toBeGreaterThan(0);
			}),
		);
	});

	it("shows both ends of an interval in one unit", () => {
		expect(formatInterval({ value: 0.041, lower: 0.036, upper: 0.047 }, "seconds")).toBe("36-47ms");
		expect(formatInterval({ value: 1, lower: 0.9, upper: 1.2 }, "seconds")).toBe("0.9-1.2s");
		expect(formatInterval({ value: 1, lower: Number.NaN, upper: 2 }, "seconds")).toBe("<unknown>");
		expect(formatInterval(undefined, "seconds")).toBe("<unknown>");
	});

	it("shows shares as percentages", () => {
		expect(formatShare(0.22)).toBe("22%");
		expect(formatShare(undefined)).toBe("<unknown>");
		expect(formatShare(1e308)).toBe("<unknown>");
	});
});

describe("formatTable", () => {
	const table = {
		headers: ["NAME", "NODE", "AGE"],
		rows: [
			["web", "edge-1*", "20s"],
			["long-name", "e", "3m"],
		],
	};

	it("aligns as kubectl does", () => {
		expect(formatTable(table, true)).toBe(
			"NAME        NODE      AGE\nweb         edge-1*   20s\nlong-name   e         3m\n",
		);
	});

	it("leaves the headers out when asked, and does not keep room for them", () => {
		expect(formatTable({ headers: ["A VERY LONG HEADER", "B"], rows: [["x", "y"]] }, false)).toBe("x   y\n");
	});

	it("lets no cell break a line or drive the terminal", () => {
		const text = formatTable({ headers: ["A", "B"], rows: [["x\ny", "\u001b[31mred\u0007"]] }, true);
		expect(text).toBe("A     B\nx y   [31mred\n");
	});

	it.each([
		["what is indented and not ASCII", "  größer als 5 µs", "  größer als 5 µs", "  größer als 5 µs"],
		["sequences for the terminal", "\u001b]0;title\u0007\u009b2Jx", "]0;title2Jx", "]0;title2Jx"],
		["what turns the direction", "a\u202eb\u2066c", "abc", "abc"],
		["several lines", "a\n  b\tc\r\u2028d", "a b c d", "a\n  b\tc\u2028d"],
	])("%s: on one line, and on several", (_title, text, line, lines) => {
		expect(printable(text)).toBe(line);
		expect(withoutControls(text)).toBe(lines);
	});
});

describe("printValue", () => {
	it("quotes in YAML what another reader would take for something else", async () => {
		const { terminal, output } = recordingTerminal();
		await printValue(terminal, { a: "yes", b: "1e3", c: "007", d: "x".repeat(200), e: [{ f: "null" }] }, "yaml");
		expect(parse(output.stdout, { version: "1.1" })).toEqual(parse(output.stdout, { version: "1.2" }));
		expect(parse(output.stdout)).toMatchObject({ a: "yes", b: "1e3", c: "007", e: [{ f: "null" }] });
		expect(output.stdout).toContain(`\nd: ${"x".repeat(200)}\n`);
	});
});

describe("qualifiedName", () => {
	it("names an object as kubectl -o name does", () => {
		const report = { apiVersion: "kubectl-qos.dev/v1alpha1", kind: "QoSReport", metadata: { name: "web" } };
		expect(qualifiedName(report)).toBe("qosreport.kubectl-qos.dev/web");
		expect(qualifiedName({ apiVersion: "v1", kind: "Node", metadata: { name: "n" } })).toBe("node/n");
	});
});

describe("isOlder", () => {
	it.each([
		["0.0.9", "v0.1.0", true],
		["0.1.0", "v0.1.0", false],
		["0.10.0", "v0.9.9", false],
		["1.0.0", "0.9.0", false],
	])("%s than %s: %s", (left, right, older) => {
		expect(isOlder(left, right)).toBe(older);
	});
});
