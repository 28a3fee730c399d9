import { readFileSync } from "node:fs";
import { z } from "zod";

let known: string | undefined;

/** The plugin's version, as its package says it: `v0.1.0`. */
export function version(): string {
	if (known === undefined) {
		const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
		known = `v${z.object({ version: z.string() }).parse(JSON.parse(text)).version}`;
	}
	return known;
}
