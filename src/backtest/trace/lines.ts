/** Some lines of a trace that follow each other: how a trace reaches us, whatever it is kept in. */
export interface Lines {
	/** Number of the first of them; a file begins with line 1. */
	readonly first: number;
	readonly lines: readonly string[];
}

/** A trace that cannot be used: `message` says what is wrong and how to mend it, in one line. */
export class TraceError extends Error {
	override readonly name = "TraceError";
	/** Where, if it is a matter of one line. */
	readonly line: number | undefined;

	constructor(message: string, line?: number) {
		super(message);
		this.line = line;
	}
}

/** Text of a trace as messages show it: short, and in one line. */
export function quoted(text: string): string {
	const short = text.length > 40 ? `${text.slice(0, 37)}...` : text;
	return JSON.stringify(short);
}
