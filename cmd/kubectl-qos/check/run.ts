import type { CheckOptions } from "../commands/check.ts";
import type { Context } from "../commands/command.ts";
import { checkFailed, interrupted, PluginError, timedOut } from "../errors.ts";
import { printValue } from "../output/print.ts";
import type { Terminal } from "../terminal.ts";
import { type Check, type Finding, failed, type Subject, skipped } from "./check.ts";
import { CONTROLLER_CHECKS } from "./controller.ts";
import { DATA_CHECKS } from "./data.ts";
import { INSTALLATION_CHECKS } from "./installation.ts";
import { PRE_CHECKS } from "./pre.ts";
import { WEBHOOK_CHECKS } from "./webhook.ts";

const CHECKS = [...INSTALLATION_CHECKS, ...WEBHOOK_CHECKS, ...CONTROLLER_CHECKS, ...DATA_CHECKS];
const POLL = 1_000;

/** What one check found. */
export interface Checked extends Finding {
	readonly code: string;
	readonly category: string;
}

/** `kubectl qos check`. The exit code is the same for every output format. */
export async function runCheck(options: CheckOptions, { terminal, session }: Context): Promise<void> {
	const { client } = await session();
	const { controllerNamespace, wait } = options;
	const checks = options.pre ? PRE_CHECKS : CHECKS;
	const start = terminal.now();
	const look = () => lookAll(checks, { client, controllerNamespace, now: terminal.now() });
	let found = await look();
	if (wait > 0) {
		await terminal.interruptible(async (signal) => {
			while (!isGood(found) && terminal.now() - start < wait && !signal.aborted) {
				await terminal.sleep(POLL, signal);
				found = await look();
			}
			if (signal.aborted) throw interrupted("nothing was changed");
		});
	}
	await show(terminal, found, options.output);
	if (isGood(found)) return;
	const problems = found.filter(isProblem).map(({ code }) => code);
	if (wait > 0) throw timedOut(`not well within ${Math.round(wait / 1000)}s: ${problems.join(", ")}`);
	throw checkFailed(`${problems.length} of ${found.length} checks found something: ${problems.join(", ")}`);
}

function isProblem({ status }: Finding): boolean {
	return status === "Warning" || status === "Failed";
}

export function isGood(found: readonly Checked[]): boolean {
	return !found.some(isProblem);
}

async function lookAll(checks: readonly Check[], subject: Subject): Promise<readonly Checked[]> {
	return Promise.all(
		checks.map(async ({ code, category, look }) => ({ code, category, ...(await guarded(look, subject)) })),
	);
}

/** What this user may not see is no fault of the install, and without CRDs there is nothing to look at. */
async function guarded(look: Check["look"], subject: Subject): Promise<Finding> {
	try {
		return await look(subject);
	} catch (error) {
		if (!(error instanceof PluginError)) throw error;
		if (error.code === "CustomResourcesAbsent") return skipped("not looked at without the CRDs");
		if (error.code !== "ServerRefused") throw error;
		if (error.reason === "Forbidden") return skipped(`not looked at: ${error.message}`);
		return failed(`could not be looked at: ${error.message}`, "look at the API server, then check again");
	}
}

const MARKS = { Passed: "√", Warning: "‼", Failed: "×", Skipped: "-" } as const;

async function show(terminal: Terminal, found: readonly Checked[], output: CheckOptions["output"]): Promise<void> {
	if (output !== undefined) {
		await printValue(terminal, { good: isGood(found), checks: found }, output);
		return;
	}
	for (const line of lines(found)) terminal.write(`${line}\n`);
}

/** As linkerd lists them: by category, a mark, a code, and under what is wrong how to mend it. */
export function lines(found: readonly Checked[]): readonly string[] {
	const categories = Map.groupBy(found, ({ category }) => category);
	return [...categories].flatMap(([category, checks], index) => [
		...(index > 0 ? [""] : []),
		category,
		"-".repeat(category.length),
		...checks.flatMap(({ code, status, message, mend }) => [
			`${MARKS[status]} [${code}] ${message}`,
			...(mend === undefined ? [] : [`    mend: ${mend}`]),
		]),
	]);
}
