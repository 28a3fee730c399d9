/** `npm test [-- --only PART,...]`: all checks and tests, with a summary at the end. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { mlflowPython } from "../test/cluster/mlflow.ts";
import { buildMissing } from "../test/cluster/programs/build.ts";
import { runChecks } from "./checks.ts";
import { type PartResult, runTool } from "./run-part.ts";
import { summarize, total } from "./summary.ts";

const PARTS = ["checks", "unit", "contract", "e2e"] as const;
type Part = (typeof PARTS)[number];
type Project = Exclude<Part, "checks">;

/** What the whole may take on two cores once the programs are built. */
const BUDGET_SECONDS = 12 * 60;

const vitestReport = z.object({ numPassedTests: z.number(), numFailedTests: z.number() });

function chosenParts(): readonly Part[] {
	const { values } = parseArgs({ options: { only: { type: "string" } } });
	if (values.only === undefined) return PARTS;
	const names = values.only.split(",");
	const unknown = names.filter((name) => !PARTS.some((part) => part === name));
	if (unknown.length > 0) throw new Error(`--only ${unknown.join(",")}: there are ${PARTS.join(", ")}`);
	return PARTS.filter((part) => names.includes(part));
}

async function runPart(part: Part): Promise<PartResult[]> {
	if (part === "checks") return runChecks();
	if (part !== "unit") {
		await buildMissing();
		// Within a test it would take longer than the test may.
		await mlflowPython();
	}
	return [await runVitest(part)];
}

async function runVitest(project: Project): Promise<PartResult> {
	const folder = mkdtempSync(join(tmpdir(), "vitest-report-"));
	const report = join(folder, "report.json");
	try {
		const args = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
		const { code, seconds } = await runTool("vitest", args, "terminal");
		const { numPassedTests, numFailedTests } = existsSync(report)
			? vitestReport.parse(JSON.parse(readFileSync(report, "utf8")))
			: { numPassedTests: 0, numFailedTests: 0 };
		// A file that cannot be loaded, an error outside of tests or no tests at all: no test failed, and yet all is not well.
		const failed = code === 0 ? numFailedTests : Math.max(1, numFailedTests);
		return { part: project, passed: numPassedTests, failed, seconds };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

async function main(): Promise<void> {
	const results: PartResult[] = [];
	for (const part of chosenParts()) results.push(...(await runPart(part)));
	const seconds = total(results, "seconds");
	if (seconds > BUDGET_SECONDS) {
		console.error(
			`the tests took ${Math.round(seconds)} s; they are meant to take at most ${BUDGET_SECONDS} s on two cores`,
		);
	}
	console.log(`\n${summarize(results)}`);
	if (total(results, "failed") > 0) process.exitCode = 1;
}

try {
	await main();
} catch (error) {
	console.error(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
}
