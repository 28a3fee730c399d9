import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const NAMES = readdirSync(join(ROOT, "docs/tutorials")).flatMap((file) => /^(.*)\.md$/.exec(file)?.[1] ?? []);

/** The commands of each tutorial, as a reader would type them, on a cluster that the tutorial starts itself. */
test.each(NAMES)("the tutorial %s does what it says", { timeout: 600_000 }, async (name) => {
	const child = spawn(process.execPath, ["scripts/tutorial.ts", name], {
		cwd: ROOT,
		stdio: ["ignore", "pipe", "pipe"],
	});
	const output = Promise.all([text(child.stdout), text(child.stderr)]);
	const [code] = await once(child, "close");
	expect(code, (await output).join("\n")).toBe(0);
});
