import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeArguments } from "../../../cmd/kubectl-qos/arguments/normalize.ts";
import { predict } from "../../../cmd/kubectl-qos/commands/predict.ts";

function normalize(line: string) {
	return normalizeArguments(line.split(" "), predict.flags);
}

describe("normalizeArguments", () => {
	const expected = {
		command: "predict",
		operands: ["web"],
		flags: ["--output=json", "--namespace=shop", "--all-namespaces=true"],
	};

	it.each([
		"predict web -ojson -nshop -A",
		"predict web -o json -n shop -A",
		"predict web -o=json -n=shop -A=true",
		"-o json -n shop predict -A web",
		"predict --output json --namespace=shop web --all-namespaces",
		"predict web -n other --output yaml -o json -n shop -A=false -A",
	])("reads %s", (line) => {
		expect(normalize(line)).toEqual(expected);
	});

	it("takes booleans and one value from one word", () => {
		expect(normalize("predict -Aojson").flags).toEqual(["--all-namespaces=true", "--output=json"]);
	});

	it("keeps every value of a list flag and lets it eat no name", () => {
		const { operands, flags } = normalize("predict --as-group a web --as-group=b");
		expect(operands).toEqual(["web"]);
		expect(flags).toEqual(["--as-group=a", "--as-group=b"]);
	});

	it("leaves names alone that look like numbers, and all that follows --", () => {
		expect(normalize("predict 007 1e3 -- -o json").operands).toEqual(["007", "1e3", "-o", "json"]);
	});

	it("leaves unknown long flags for the command to refuse", () => {
		expect(normalize("predict --nope=1 web").flags).toEqual(["--nope=1"]);
	});

	it("takes a value that looks like a flag as kubectl does", () => {
		expect(normalize("predict -n -x").flags).toEqual(["--namespace=-x"]);
	});

	it.each([
		["predict -z", "error: unknown shorthand flag: 'z' in -z\nSee 'kubectl qos predict --help' for usage."],
		["predict -Az", "error: unknown shorthand flag: 'z' in -Az"],
		["predict -o", "error: flag needs an argument: 'o' in -o"],
		["predict --output", "error: flag needs an argument: --output"],
		["predict -A=maybe", 'error: invalid argument "maybe" for "--all-namespaces" flag'],
	])("refuses %s in kubectl's words", (line, message) => {
		expect(() => normalize(line)).toThrow(message);
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
		const line = fc.array(fc.oneof(name, flag), { maxLength: 12 });
		fc.assert(
			fc.property(line, (words) => {
				const { command, operands } = normalizeArguments(words.flat(), predict.flags);
				const names = words.filter((word) => typeof word === "string");
				expect([command, ...operands].slice(0, names.length)).toEqual(names);
			}),
		);
	});
});
