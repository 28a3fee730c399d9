import type { ApiClient } from "../client/client.ts";

/** `Skipped`: it does not apply here, or this user may not look. */
export type Status = "Passed" | "Warning" | "Failed" | "Skipped";

/** What came of one check. */
export interface Finding {
	readonly status: Status;
	/** One line: what is, and where. */
	readonly message: string;
	/** How to mend it; with Warning and Failed always. */
	readonly mend?: string | undefined;
}

/** What checks look at. */
export interface Subject {
	readonly client: ApiClient;
	/** Where the controller is installed. */
	readonly controllerNamespace: string;
	/** ms since the epoch. */
	readonly now: number;
}

/** One check; its code stays what it is for ever. */
export interface Check {
	/** `QOS001`. */
	readonly code: string;
	readonly category: string;
	/** Looks, and never throws for what it finds; a refusal by the server becomes Skipped. */
	readonly look: (subject: Subject) => Promise<Finding>;
}

export function passed(message: string): Finding {
	return { status: "Passed", message };
}

export function skipped(message: string): Finding {
	return { status: "Skipped", message };
}

export function warning(message: string, mend: string): Finding {
	return { status: "Warning", message, mend };
}

export function failed(message: string, mend: string): Finding {
	return { status: "Failed", message, mend };
}
