import { describe, expect, it } from "vitest";
import { renderPage } from "../../../../demo/report/page.ts";
import { sampleRecord } from "../sample-record.ts";

describe("renderPage", () => {
	const page = renderPage(sampleRecord());

	it("needs nothing from outside", () => {
		expect(page).not.toMatch(/<script|<link|src=|@import|url\((?!#)|https?:/);
	});

	it("draws every app twice, wide and narrow, and shows one by the width of the screen", () => {
		expect(page.match(/<svg class="chart wide"/g)).toHaveLength(3);
		expect(page.match(/<svg class="chart narrow"/g)).toHaveLength(3);
		expect(page).toContain("@media (max-width: 640px)");
	});

	it("escapes what the cluster and the story say", () => {
		expect(page).toContain("It is &lt;up&gt;.");
		expect(page).toContain("dies &amp; stays dead");
		expect(page).not.toContain("<up>");
	});

	it("numbers what happened in order of time, in list and charts alike", () => {
		const record = sampleRecord();
		const shuffled = renderPage({ ...record, marks: record.marks.toReversed() });
		expect(shuffled).toBe(page);
		expect(page.match(/<li><span class="badge[^>]*>(\d)/g)?.map((item) => item.at(-1))).toEqual([
			"1",
			"2",
			"3",
			"4",
			"5",
		]);
	});

	it("is well-formed markup: every element that is opened is closed", () => {
		expect(unclosed(page)).toEqual([]);
	});

	it("stands on a run in which nothing was measured and nothing moved", () => {
		const record = sampleRecord(0);
		const empty = renderPage({ ...record, marks: [], moves: [] });
		expect(empty).toContain("No app was moved.");
		expect(empty).not.toMatch(/NaN|Infinity|undefined/);
	});

	it("has no number that is none", () => {
		expect(page).not.toMatch(/NaN|Infinity|undefined/);
	});
});

const VOID = new Set(["meta", "br", "img", "!doctype"]);

function unclosed(html: string): string[] {
	const open: string[] = [];
	for (const [, slash, name = "", end] of html.matchAll(/<(\/?)([a-zA-Z!][a-zA-Z0-9]*)[^>]*?(\/?)>/g)) {
		if (VOID.has(name) || end === "/") continue;
		if (slash === "") open.push(name);
		else if (open.at(-1) === name) open.pop();
		else return [...open, `/${name}`];
	}
	return open;
}
