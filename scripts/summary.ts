import type { PartResult } from "./run-part.ts";
import type { TestFile } from "./vitest-report.ts";

const SLOWEST = 10;
/** Nobody waits for files that are quicker than this. */
const SLOW_SECONDS = 5;

/** A table of the parts, ending with the plain line `N passed, M failed`. */
export function summarize(results: readonly PartResult[]): string {
	const width = Math.max(...results.map(({ part }) => part.length), "part".length);
	const rows = results.map(({ part, passed, failed, seconds }) => [part, `${passed}`, `${failed}`, seconds.toFixed(1)]);
	const lines = [["part", "passed", "failed", "seconds"], ...rows].map(
		([part = "", ...numbers]) => `${part.padEnd(width)}${numbers.map((number) => number.padStart(9)).join("")}`,
	);
	return [...lines, "", `${total(results, "passed")} passed, ${total(results, "failed")} failed`].join("\n");
}

/** The files that take longest, the slowest first; empty when none is slow. */
export function slowestFiles(files: readonly TestFile[]): string {
	const slow = files.filter(({ seconds }) => seconds >= SLOW_SECONDS);
	if (slow.length === 0) return "";
	const lines = slow
		.toSorted((left, right) => right.seconds - left.seconds)
		.slice(0, SLOWEST)
		.map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}`);
	return ["slowest files", ...lines].join("\n");
}

export function total(results: readonly PartResult[], of: "passed" | "failed"): number {
	return results.reduce((sum, result) => sum + result[of], 0);
}
