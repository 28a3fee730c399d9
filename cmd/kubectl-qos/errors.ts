/**
 * Every error the plugin ends with, in one catalogue: a stable code, one line that says what, where and
 * how to mend it, and the exit code. Where kubectl has a phrase for it, the phrase is kubectl's, to the letter.
 */
export type ErrorCode =
	| "Usage"
	| "NotFound"
	| "ServerRefused"
	| "Unauthorized"
	| "Unreachable"
	| "Kubeconfig"
	| "CustomResourcesAbsent"
	| "MalformedObject"
	| "NotGoverned"
	| "NotMovable"
	| "NotConfirmed"
	| "MigrationEnded"
	| "CheckFailed"
	| "JobFailed"
	| "InvalidFile"
	| "TimedOut"
	| "BadFile"
	| "ReplayDiffers"
	| "ModelsAbsent"
	| "Interrupted";

interface Refusal {
	readonly reason?: string;
	readonly detail?: string;
}

/** An error that the user caused or can mend; its message is printed as it is. */
export class PluginError extends Error {
	override readonly name = "PluginError";
	readonly code: ErrorCode;
	readonly exitCode: number;
	/** Of ServerRefused: why, in the server's CamelCase (`Conflict`, `Forbidden`). */
	readonly reason: string | undefined;
	/** Of ServerRefused: the server's sentence. */
	readonly detail: string | undefined;

	constructor(code: ErrorCode, line: string, exitCode = 1, { reason, detail }: Refusal = {}) {
		super(line);
		this.code = code;
		this.exitCode = exitCode;
		this.reason = reason;
		this.detail = detail;
	}
}

/** The command line is wrong; with a command, kubectl's second line names its help. */
export function usage(problem: string, command?: string): PluginError {
	const see = command === undefined ? "" : `\nSee 'kubectl qos ${command} --help' for usage.`;
	return new PluginError("Usage", `error: ${problem}${see}`);
}

/** `-o` names no format of a command's. */
export function unknownFormat(text: string, allowed: readonly string[]): PluginError {
	return usage(
		`unable to match a printer suitable for the output format "${text}", allowed formats are: ${allowed.join(",")}`,
	);
}

export function unknownCommand(name: string, group?: string): PluginError {
	const parent = group === undefined ? "kubectl qos" : `kubectl qos ${group}`;
	return new PluginError(
		"Usage",
		`error: unknown command "${name}" for "${parent}"\nRun '${parent} --help' for usage.`,
	);
}

export function notFound(resource: string, name: string): PluginError {
	return new PluginError("NotFound", `Error from server (NotFound): ${resource} "${name}" not found`);
}

export function serverRefused(reason: string, message: string): PluginError {
	return new PluginError("ServerRefused", `Error from server (${reason}): ${message}`, 1, { reason, detail: message });
}

/** The server's validation of an object, problem by problem. */
export function invalidObject(prefix: string, problems: readonly string[]): PluginError {
	const [only = ""] = problems;
	const text = problems.length === 1 ? `: ${only}` : `: \n${problems.map((problem) => `* ${problem}`).join("\n")}`;
	return new PluginError("ServerRefused", prefix + text);
}

export function unauthorized(): PluginError {
	return new PluginError("Unauthorized", "error: You must be logged in to the server (Unauthorized)");
}

export function unreachable(line: string): PluginError {
	return new PluginError("Unreachable", line);
}

export function badKubeconfig(problem: string): PluginError {
	return new PluginError("Kubeconfig", `error: ${problem}`);
}

/** Several problems at once, laid out as kubectl does. */
export function badKubeconfigs(problems: readonly string[]): PluginError {
	return new PluginError("Kubeconfig", `Error in configuration: \n${problems.map((one) => `* ${one}`).join("\n")}`);
}

export function contextNotFound(name: string, hint: string): PluginError {
	return new PluginError(
		"Kubeconfig",
		`Error in configuration: context was not found for specified context: ${name}${hint}`,
	);
}

/** A credential plugin gave no credentials. */
export function noCredentials(problem: string): PluginError {
	return new PluginError("Kubeconfig", `Unable to connect to the server: getting credentials: ${problem}`);
}

export function customResourcesAbsent(resource: string): PluginError {
	return new PluginError(
		"CustomResourcesAbsent",
		`error: the server does not serve ${resource}: kubectl-qos is not installed there; install it with 'kubectl apply -k manifests/base' or choose another cluster with --context`,
	);
}

export function malformedObject(problem: string): PluginError {
	return new PluginError(
		"MalformedObject",
		`error: ${problem}; plugin and CRDs differ ('kubectl qos version' tells), or somebody else wrote it`,
	);
}

export function notGoverned(problem: string): PluginError {
	return new PluginError("NotGoverned", `error: ${problem}`);
}

export function notMovable(problem: string): PluginError {
	return new PluginError("NotMovable", `error: ${problem}`);
}

export function notConfirmed(problem: string): PluginError {
	return new PluginError("NotConfirmed", `error: ${problem}`);
}

export function migrationEnded(line: string): PluginError {
	return new PluginError("MigrationEnded", `error: ${line}`);
}

/** `problem` begins with file and line. */
export function invalidFile(problem: string): PluginError {
	return new PluginError("InvalidFile", `error: ${problem}`);
}

export function checkFailed(line: string): PluginError {
	return new PluginError("CheckFailed", `error: ${line}`);
}

export function jobFailed(line: string): PluginError {
	return new PluginError("JobFailed", `error: ${line}`);
}

export function timedOut(line: string): PluginError {
	return new PluginError("TimedOut", `error: ${line}`);
}

/** A file that the user named cannot be used; `line` is where, if it is a matter of one line. */
export function badFile(path: string, problem: string, line?: number): PluginError {
	return new PluginError("BadFile", `error: ${path}${line === undefined ? "" : `, line ${line}`}: ${problem}`);
}

/** This copy of the plugin cannot run models. */
export function modelsAbsent(problem: string): PluginError {
	return new PluginError(
		"ModelsAbsent",
		`error: a metrics trace needs the models, which cannot be loaded here (${problem.split("\n")[0]}); run it from the source with 'npm run qos -- backtest'`,
	);
}

/** A decision log holds decisions that are taken otherwise now. */
export function replayDiffers(problem: string): PluginError {
	return new PluginError("ReplayDiffers", `error: ${problem}`);
}

/** Ctrl-C: what goes on without us is said in `line`. */
export function interrupted(line: string): PluginError {
	return new PluginError("Interrupted", line, 130);
}
