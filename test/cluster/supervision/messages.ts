/** A program as the supervisor starts it; stdout and stderr are appended to `log`. */
export interface CommandLine {
	readonly file: string;
	readonly args: readonly string[];
	/** Added to this process's environment. */
	readonly env?: Readonly<Record<string, string>>;
	readonly log: string;
}

/** From the cluster's owner to the supervisor. */
export type Order =
	| { readonly kind: "start"; readonly name: string; readonly command: CommandLine }
	| { readonly kind: "signal"; readonly name: string; readonly signal: NodeJS.Signals };

/** From the supervisor to the cluster's owner. */
export type Report =
	| { readonly kind: "started"; readonly name: string; readonly pid: number }
	| ({ readonly kind: "exited" } & Exited);

export interface Exited {
	readonly name: string;
	readonly code: number | null;
	readonly signal: string | null;
	/** Why it could not even be started. */
	readonly error?: string;
}
