/** Builds what is missing. Exit code 1 with one line on stderr when that is impossible. */
import { buildMissing } from "./build.ts";

try {
	await buildMissing();
} catch (error) {
	console.error(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
}
