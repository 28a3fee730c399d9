import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FlagDefinition } from "../../../cmd/kubectl-qos/arguments/flags.ts";
import { parseCommandLine } from "../../../cmd/kubectl-qos/arguments/parse.ts";

const FLAGS: readonly FlagDefinition[] = [
	{ name: "namespace", short: "n", kind: "string", description: "" },
	{ name: "output", short: "o", kind: "string", description: "" },
	{ name: "all-namespaces", short: "A", kind: "boolean", description: "" },
	{ name: "no-headers", kind: "boolean", description: "" },
	{ name: "as-group", kind: "list", description: "" },
];
const COMMANDS = [
	{ name: "predict", flags: FLAGS },
	{
		name: "migrate",
		flags: [
			{ name: "wait", kind: "boolean", description: "", default: true },
			{
				name: "dry-run",
				kind: "string",
				description: "",
				default: "none",
				bare: "unchanged",
				completion: ["client", "server"],
			},
		],
	},
	{ name: "jobs add", flags: [{ name: "wait", kind: "string", description: "" }] },
] as const;

function parse(line: string) {
	return parseCommandLine(line.split(" "), COMMANDS);
}

describe("parseCommandLine", () => {
	it.each([
		"predict web -ojson -nshop -A",
		"predict web -o json -n shop -A",
		"predict web -o=json -n=shop -A=true",
		"-o json -n shop predict -A web",
		"predict --output json --namespace=shop web --all-namespaces",
		"predict web -n other --output yaml -o json -n shop -A=false -A",
	])("reads %s", (line) => {
		const { command, operands, values } = parse(line);
		expect([command?.name, operands]).toEqual(["predict", ["web"]]);
		expect([values.text("output"), values.text("namespace"), values.isSet("all-namespaces")]).toEqual([
			"json",
			"shop",
			true,
		]);
	});

	it("takes booleans and one value from one word", () => {
		const { values } = parse("predict -Aojson");
		expect([values.isSet("all-namespaces"), values.text("output")]).toEqual([true, "json"]);
	});

	it("keeps every value of a list flag and lets it eat no name", () => {
		const { operands, values } = parse("predict --as-group a web --as-group=b");
		expect([operands, values.list("as-group")]).toEqual([["web"], ["a", "b"]]);
	});

	it("leaves names alone that look like numbers, and all that follows --", () => {
		expect(parse("predict 007 1e3 -- -o json").operands).toEqual(["007", "1e3", "-o", "json"]);
	});

	it("takes a value that looks like a flag as kubectl does", () => {
		expect(parse("predict -n -x").values.text("namespace")).toBe("-x");
	});

	it("knows commands of two words, and flags that two commands understand differently", () => {
		expect(parse("jobs add x --wait 5s")).toMatchObject({ command: { name: "jobs add" }, operands: ["x"] });
		expect(parse("jobs add x --wait 5s").values.text("wait")).toBe("5s");
		expect(parse("migrate x --wait 5s").operands).toEqual(["x", "5s"]);
		expect(parse("jobs nope")).toMatchObject({ command: undefined, group: "jobs", operands: ["nope"] });
	});

	it("fills in defaults, and the value of a flag that may stand without one", () => {
		const { values } = parse("migrate web");
		expect([values.isSet("wait"), values.text("dry-run"), values.isGiven("dry-run")]).toEqual([true, "none", false]);
		const bare = parse("migrate --dry-run web");
		expect([bare.values.text("dry-run"), bare.operands]).toEqual(["unchanged", ["web"]]);
		const spaced = parse("migrate --dry-run server web");
		expect([spaced.values.text("dry-run"), spaced.operands]).toEqual(["server", ["web"]]);
		expect(parse("migrate --wait=false --dry-run=client web").values.isSet("wait")).toBe(false);
	});

	it.each([
		["predict --nope=1 web", "error: unknown flag: --nope\nSee 'kubectl qos predict --help' for usage."],
		["--as-group g migrate", "error: unknown flag: --as-group\nSee 'kubectl qos migrate --help' for usage."],
		["predict -z", "error: unknown shorthand flag: 'z' in -z\nSee 'kubectl qos predict --help' for usage."],
		["predict -Az", "error: unknown shorthand flag: 'z' in -Az"],
		["predict -o", "error: flag needs an argument: 'o' in -o"],
		["predict --output", "error: flag needs an argument: --output"],
		["predict -A=maybe", 'error: invalid argument "maybe" for "-A, --all-namespaces" flag: strconv.ParseBool'],
	])("refuses %s in kubectl's words", (line, message) => {
		expect(() => parse(line)).toThrow(message);
	});

	it("changes no operand, wherever the flags stand", () => {
		const name = fc.stringMatching(/^[a-z0-9][a-z0-9./-]{0,10}$/);
		const flag = fc.constantFrom(
			["-ojson"],
			["-o", "json"],
			["-n", "x"],
			["--no-headers"],
			["-A"],
			["--as-group", "g"],
		);
		fc.assert(
			fc.property(fc.array(fc.oneof(name, flag), { maxLength: 12 }), (words) => {
				const { operands } = parseCommandLine(["predict", ...words.flat()], COMMANDS);
				expect(operands).toEqual(words.filter((word) => typeof word === "string"));
			}),
		);
	});
});
