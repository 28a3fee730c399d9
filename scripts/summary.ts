import type { PartResult } from "./run-part.ts";

/** A table of the parts, ending with the plain line `N passed, M failed`. */
export function summarize(results: readonly PartResult[]): string {
	const width = Math.max(...results.map(({ part }) => part.length), "part".length);
	const rows = results.map(({ part, passed, failed, seconds }) => [part, `${passed}`, `${failed}`, seconds.toFixed(1)]);
	const lines = [["part", "passed", "failed", "seconds"], ...rows].map(
		([part = "", ...numbers]) => `${part.padEnd(width)}${numbers.map((number) => number.padStart(9)).join("")}`,
	);
	return [...lines, "", `${total(results, "passed")} passed, ${total(results, "failed")} failed`].join("\n");
}

export function total(results: readonly PartResult[], of: "passed" | "failed" | "seconds"): number {
	return results.reduce((sum, result) => sum + result[of], 0);
}
