import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseArguments } from "../../../scripts/bootstrap/arguments.mjs";
import { holdsAll, isInstalled } from "../../../scripts/bootstrap/installation.mjs";
import { canStandIn } from "../../../scripts/bootstrap/pinned-node.mjs";
import { missingPrerequisites } from "../../../scripts/bootstrap/prerequisites.mjs";

describe("arguments", () => {
	test("everything after the file belongs to the file", () => {
		expect(parseArguments(["a.ts", "--no-programs", "-o", "json"])).toEqual({
			programs: true,
			file: "a.ts",
			args: ["--no-programs", "-o", "json"],
		});
		expect(parseArguments(["--no-programs", "a.ts"])).toEqual({ programs: false, file: "a.ts", args: [] });
	});

	test.each([[[]], [["--no-programs"]], [["--programs", "a.ts"]]])("%j lacks a file", (argv) => {
		expect(() => parseArguments(argv)).toThrow("usage: node scripts/bootstrap.mjs");
	});
});

// npm passes a signal on to the shell alone, which does not tell its child.
test.each(["controller", "world", "cluster", "demo", "bench", "models:train", "test", "tutorial"])(
	"npm run %s, once killed, leaves nothing behind: no shell stands in between",
	(name) => {
		const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
		const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
		expect(scripts[name]).toMatch(/^exec node scripts\/bootstrap\.mjs /);
	},
);

describe("prerequisites", () => {
	const everything = new Set(["npm", "git", "go", "python3"]);

	test("a machine with all of them passes", () => {
		expect(missingPrerequisites({ nodeVersion: "18.19.0", needed: everything, present: everything })).toEqual([]);
	});

	test("one line for each thing that is missing", () => {
		const lines = missingPrerequisites({ nodeVersion: "16.20.2", needed: everything, present: new Set() });
		expect(lines.map((line) => line.split(" ")[0])).toEqual(["Node", "npm", "git", "Go"]);
		expect(lines.join("")).not.toContain("\n");
	});

	test("Python stands in for Go, and what is not needed is not asked for", () => {
		const needed = new Set(["go"]);
		expect(missingPrerequisites({ nodeVersion: "22.1.0", needed, present: new Set(["python3"]) })).toEqual([]);
		expect(missingPrerequisites({ nodeVersion: "22.1.0", needed: new Set(), present: new Set() })).toEqual([]);
	});
});

describe("what npm installed", () => {
	const lock = {
		packages: {
			"": { version: "0.1.0" },
			"node_modules/a": { version: "1.0.0", integrity: "x" },
			"node_modules/b": { version: "2.0.0", integrity: "y", optional: true },
		},
	};

	test("is not all there once the folder of a package is gone, whatever npm's record says", () => {
		const root = mkdtempSync(join(tmpdir(), "bootstrap-"));
		try {
			const folder = join(root, "node_modules", "a");
			mkdirSync(folder, { recursive: true });
			writeFileSync(join(folder, "package.json"), "{}");
			writeFileSync(join(root, "package-lock.json"), JSON.stringify(lock));
			writeFileSync(join(root, "node_modules", ".package-lock.json"), JSON.stringify(lock));
			expect(isInstalled(root)).toBe(true);
			expect(isInstalled(root)).toBe(true);
			rmSync(folder, { recursive: true });
			expect(isInstalled(root)).toBe(false);
		} finally {
			rmSync(root, { recursive: true });
		}
	});

	test("holds all packages, optional ones or not", () => {
		expect(holdsAll(lock, { packages: { "node_modules/a": { version: "1.0.0", integrity: "x" } } })).toBe(true);
	});

	test.each([
		["missing", {}],
		["of another version", { "node_modules/a": { version: "1.0.1", integrity: "x" } }],
		["of another content", { "node_modules/a": { version: "1.0.0", integrity: "z" } }],
	])("does not when one is %s", (_, packages) => {
		expect(holdsAll(lock, { packages })).toBe(false);
	});
});

test.each([
	["20.19.0", false],
	["22.18.0", false],
	["22.19.0", true],
	["24.1.0", true],
])("Node %s can stand in for the pinned one: %s", (version, expected) => {
	expect(canStandIn(version)).toBe(expected);
});
