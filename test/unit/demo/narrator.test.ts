import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignColumns, Narrator, wrap } from "../../../demo/narrator.ts";

function narrator({ columns = 60, colour = false } = {}) {
	const written: string[] = [];
	let now = 0;
	const told = new Narrator({ write: (text) => written.push(text), columns, colour, elapsed: () => now });
	return { told, at: (seconds: number) => (now = seconds), text: () => written.join("") };
}

describe("Narrator", () => {
	it("tells each line with its time and numbers the chapters", () => {
		const { told, at, text } = narrator();
		told.chapter("A control plane");
		at(4.7);
		told.say("It is up.");
		at(75);
		told.done("A pod runs.");
		const rule = "─".repeat(60 - "1. A control plane".length - 4);
		expect(text()).toBe(`\n─ 1. A control plane ${rule}\n0:04  It is up.\n1:15  ✔ A pod runs.\n`);
	});

	it("indents what a command printed: rows of a table are cut at the terminal's edge, sentences wrapped", () => {
		const { told, text } = narrator({ columns: 24 });
		told.command("kubectl qos status", "NAME   NODE     PREDICTED\n  moved to another node\n\nend\n");
		expect(text()).toBe(
			"0:00  $ kubectl qos status\n      NAME   NODE     P…\n        moved to\n          another node\n\n      end\n",
		);
	});

	it("leaves lines that are to be copied as long as they are", () => {
		const { told, text } = narrator({ columns: 20 });
		told.verbatim("export PATH=/a/very/long/path\n\nlog:  /another/very/long/path");
		expect(text()).toBe("      export PATH=/a/very/long/path\n\n      log:  /another/very/long/path\n");
	});

	it("uses escape sequences only when asked to", () => {
		const plain = narrator();
		const coloured = narrator({ colour: true });
		for (const { told } of [plain, coloured]) {
			told.chapter("One");
			told.failed("no");
		}
		expect(plain.text()).not.toContain("\u001B");
		expect(coloured.text()).toContain("\u001B[31m✘\u001B[0m no");
	});

	it("remembers what it told, uncut", () => {
		const { told, at } = narrator({ columns: 12 });
		at(3);
		told.command("kubectl get x", "a long line of output");
		expect(told.told).toEqual([
			{ at: 3, kind: "Command", text: "$ kubectl get x" },
			{ at: 3, kind: "Output", text: "a long line of output" },
		]);
	});
});

describe("wrap", () => {
	it("keeps all words in order, in lines no longer than asked unless one word is", () => {
		const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
		fc.assert(
			fc.property(words, fc.integer({ min: 12, max: 40 }), (list, width) => {
				const lines = wrap(list.join(" "), width);
				expect(lines.join(" ").split(" ")).toEqual(list);
				expect(lines.every((line) => line.length <= width)).toBe(true);
			}),
		);
	});
});

describe("alignColumns", () => {
	it("puts numbers to the right and words to the left, headers with them", () => {
		const rows = [
			["app", "mean"],
			["web", "42 ms"],
			["orders", "–"],
		];
		expect(alignColumns(rows)).toBe("app      mean\nweb     42 ms\norders      –");
	});
});
