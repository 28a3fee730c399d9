import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The text of a file below `manifests/base`, which the plugin carries. Packaging puts the texts themselves
 * in the place of this module (`scripts/package/bundle.ts`).
 */
export function manifestFile(path: string): string {
	return readFileSync(join(import.meta.dirname, "../../../manifests/base", path), "utf8");
}
