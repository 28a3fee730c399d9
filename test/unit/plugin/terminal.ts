import type { Terminal } from "../../../cmd/kubectl-qos/terminal.ts";

/** What a command said. */
export interface Output {
	stdout: string;
	stderr: string;
}

/** A terminal that keeps what is written, with a clock that `sleep` moves. */
export function recordingTerminal(settings: Partial<Terminal> = {}): { terminal: Terminal; output: Output } {
	const output: Output = { stdout: "", stderr: "" };
	let now = Date.parse("2026-01-01T12:00:00Z");
	const terminal: Terminal = {
		write: (text) => {
			output.stdout += text;
		},
		note: (line) => {
			output.stderr += `${line}\n`;
		},
		interactive: false,
		environment: {},
		now: () => now,
		sleep: (milliseconds) => {
			now += milliseconds;
			return Promise.resolve();
		},
		ask: () => Promise.resolve(undefined),
		interruptible: (action) => action(new AbortController().signal),
		...settings,
	};
	return { terminal, output };
}
