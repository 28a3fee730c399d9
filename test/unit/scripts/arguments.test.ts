import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const SCRIPTS = join(import.meta.dirname, "../../../scripts");

it.each([
	["package.ts", "--platform", /^Option '--platform <value>' argument missing\nusage: npm run package .*\n$/],
	["package.ts", "--plattform=linux-arm64", /^Unknown option '--plattform'\nusage: .* one of linux-x64, .*\n$/],
	["package.ts", "--platform=amiga", /^--platform amiga: here it can be made for linux-x64, .*\n$/],
	["image.ts", "image.tar", /^Unexpected argument 'image.tar'\. .*\nusage: npm run image \[-- --output FILE\]\n$/],
])("%s %s: what is wrong and the usage, no stack trace, and nothing is made", (script, flag, message) => {
	const { status, stdout, stderr } = spawnSync(process.execPath, [join(SCRIPTS, script), flag], { encoding: "utf8" });
	expect(stderr).toMatch(message);
	expect([status, stdout]).toEqual([2, ""]);
});
