import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

it.each([
	["scripts/package.ts", "--platform", /^Option '--platform <value>' argument missing\nusage: npm run package .*\n$/],
	["scripts/package.ts", "--plattform=linux-arm64", /^Unknown option '--plattform'\nusage: .* one of linux-x64, .*\n$/],
	["scripts/package.ts", "--platform=amiga", /^--platform amiga: here it can be made for linux-x64, .*\n$/],
	[
		"scripts/image.ts",
		"image.tar",
		/^Unexpected argument 'image.tar'\. .*\nusage: npm run image \[-- --output FILE\]\n$/,
	],
	["scripts/build-docs.ts", "--check", /^Unknown option '--check'\nusage: npm run docs:build\n$/],
	["scripts/screenshots.ts", "--help", /^Unknown option '--help'\nusage: npm run docs:screens\n$/],
	["scripts/check.ts", "--fix", /^Unknown option '--fix'\nusage: npm run check\n$/],
	["scripts/test.ts", "--onyl=unit", /^Unknown option '--onyl'\nusage: npm test \[-- --only PART,\.\.\.\]; .*\n$/],
	["models/build.ts", "--verbose", /^Unknown option '--verbose'\nusage: npm run models:build\n$/],
])("%s %s: what is wrong and the usage, no stack trace, and nothing is made", (script, flag, message) => {
	const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, script), flag], { encoding: "utf8" });
	expect(stderr).toMatch(message);
	expect([status, stdout]).toEqual([2, ""]);
});
