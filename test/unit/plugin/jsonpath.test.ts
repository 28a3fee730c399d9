import { describe, expect, it } from "vitest";
import { columnsTable, parseColumns, parseColumnsFile } from "../../../cmd/kubectl-qos/output/columns.ts";
import { renderTemplate } from "../../../cmd/kubectl-qos/output/jsonpath/evaluate.ts";
import { parseTemplate } from "../../../cmd/kubectl-qos/output/jsonpath/parse.ts";

const LIST = {
	kind: "List",
	items: [
		{ metadata: { name: "a", labels: { "app.kubernetes.io/name": "x" } }, ports: [1, 2, 3], ok: true },
		{ metadata: { name: "b" }, ports: [4], ok: false, gain: 0.2 },
	],
};

function render(template: string): string {
	return renderTemplate(parseTemplate(template), LIST);
}

describe("jsonpath", () => {
	it.each([
		["{.kind}", "List"],
		["{$.kind}", "List"],
		["kind: {.kind}!", "kind: List!"],
		["{.items[*].metadata.name}", "a b"],
		["{.items[0].metadata.name}", "a"],
		["{.items[-1].metadata.name}", "b"],
		["{.items[0].ports[0:2]}", "1 2"],
		["{.items[0].ports[::2]}", "1 3"],
		["{.items[0].ports[0,2]}", "1 3"],
		['{range .items[*]}{.metadata.name}{"\\t"}{.ports}{"\\n"}{end}', "a\t[1,2,3]\nb\t[4]\n"],
		['{.items[?(@.metadata.name=="b")].ports}', "[4]"],
		["{.items[?(@.gain)].metadata.name}", "b"],
		["{.items[?(@.gain>0.1)].metadata.name}", "b"],
		["{.items[?(@.ok!=true)].metadata.name}", "b"],
		["{.items[*]['metadata.name', 'gain']}", "a b 0.2"],
		["{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "x"],
		["{..name}", "a b"],
		["{.items[*].nope}", ""],
		["{.items[1].metadata}", '{"name":"b"}'],
		["{range .items[*]}{range .ports[*]}{@}{end};{end}", "123;4;"],
	])("%s", (template, text) => {
		expect(render(template)).toBe(text);
	});

	it.each([
		["{.items", "unclosed action"],
		["{range .items[*]}", "{end} is missing"],
		["{end}", "nothing to end"],
		["{.items[}", "unclosed action"],
		["{.items[a]}", "invalid array index a"],
	])("refuses %s", (template, problem) => {
		expect(() => parseTemplate(template)).toThrow(problem);
	});
});

describe("an item that is not there", () => {
	it.each([
		["{.items[9].kind}", "index 9, length 2"],
		["{range .items[*]}{.ports[1]}{end}", "index 1, length 1"],
		["{.items[-3]}", "index -3, length 2"],
	])("%s is an error, as for kubectl", (template, problem) => {
		const line = `error: error executing jsonpath ${JSON.stringify(template)}: Error executing template: array index out of bounds: ${problem}`;
		expect(() => render(template)).toThrow(line);
	});
});

describe("custom columns", () => {
	it("shows <none> where there is nothing, and several values with commas", () => {
		expect(columnsTable(parseColumns("NAME:.metadata.name,G:{.gain},P:ports[*]"), LIST.items)).toEqual({
			headers: ["NAME", "G", "P"],
			rows: [
				["a", "<none>", "1,2,3"],
				["b", "0.2", "4"],
			],
		});
	});

	it("reads them from a file", () => {
		const { headers, rows } = columnsTable(parseColumnsFile("NAME   OK\n.metadata.name  .ok\n"), LIST.items);
		expect([headers, rows[0]]).toEqual([
			["NAME", "OK"],
			["a", "true"],
		]);
		expect(() => parseColumnsFile("A B\n.a")).toThrow("number of headers (2) and field specifications (1)");
	});

	it("says what is wrong with a column", () => {
		expect(() => parseColumns("NAME")).toThrow(
			"unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>",
		);
	});
});
