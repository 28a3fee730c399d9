import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import type { Step } from "./document.ts";

/** Stands in the output between two steps. */
const MARK = "\u001E";

export interface Run {
	/** What each step printed, in the order of the steps; shorter when one failed. */
	readonly outputs: readonly string[];
	/** Index of the step that failed. */
	readonly failed: number | undefined;
}

/**
 * Runs the steps in one bash as a reader would type them: at the root of the repository, one after the
 * other, until one fails. What they started in the background ends with it.
 * @param script where the commands are written to; a message of bash names it
 */
export async function runSteps(
	steps: readonly Step[],
	options: { readonly root: string; readonly script: string; readonly onOutput: (text: string) => void },
): Promise<Run> {
	await writeFile(options.script, scriptOf(steps));
	const child = spawn("bash", [options.script], {
		cwd: options.root,
		stdio: ["ignore", "pipe", "pipe"],
		detached: true,
	});
	let output = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding("utf8").on("data", (text: string) => {
			output += text;
			options.onOutput(text.replaceAll(MARK, ""));
		});
	}
	const interrupt = () => void process.kill(-(child.pid ?? 0), "SIGTERM");
	process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
	const closed = once(child, "close");
	const [code] = (await once(child, "exit")) as [number | null];
	process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
	// What runs in the background holds the pipes open.
	endGroup(child.pid);
	await closed;
	const parts = output
		.split(MARK)
		.slice(1)
		.map((text) => tidy(text, options.root));
	// The last part is of the cleanup.
	const outputs = parts.slice(0, -1);
	return { outputs, failed: code === 0 ? undefined : outputs.length - 1 };
}

/** The cleanup comes first as a trap, so that it runs whatever happens. */
function scriptOf(steps: readonly Step[]): string {
	const cleanup = steps.filter(({ cleansUp }) => cleansUp).map(({ commands }) => commands.text);
	const mark = `printf '\\036'`;
	return [
		"set -euo pipefail",
		`cleanup() {\nset +e\n${mark}\n${cleanup.length > 0 ? cleanup.join("\n") : ":"}\n}`,
		"trap 'code=$?; cleanup; exit $code' EXIT",
		...steps.filter(({ cleansUp }) => !cleansUp).flatMap(({ commands }) => [mark, commands.text]),
		"",
	].join("\n");
}

function endGroup(pid: number | undefined): void {
	try {
		process.kill(-(pid ?? 0), "SIGTERM");
	} catch {
		// Nobody of the group is left.
	}
}

/** Output as a document may show it: no folder of this machine, no colour, no empty end. */
function tidy(text: string, root: string): string {
	return text
		.replaceAll(`${root}/`, "")
		.replaceAll(homedir(), "~")
		.split("\n")
		.map((line) => line.trimEnd())
		.join("\n")
		.trim();
}
