import { writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";
import { z } from "zod";

/** Names the file that the reporter writes. */
export const REPORT_VARIABLE = "VITEST_REPORT";

export const testFiles = z.array(
	z.object({
		file: z.string(),
		passed: z.number(),
		failed: z.number(),
		/** With set-up and tear-down. */
		seconds: z.number(),
	}),
);
export type TestFile = z.infer<typeof testFiles>[number];

/** A reporter of vitest that writes what `npm test` sums up as JSON. */
export default class VitestReport implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		const file = process.env[REPORT_VARIABLE];
		if (file !== undefined) writeFileSync(file, JSON.stringify(modules.map(summarized)));
	}
}

function summarized(module: TestModule): TestFile {
	const results = [...module.children.allTests()].map((test) => test.result().state);
	return {
		file: module.relativeModuleId,
		passed: results.filter((state) => state === "passed").length,
		failed: results.filter((state) => state === "failed").length,
		seconds: module.diagnostic().duration / 1000,
	};
}
