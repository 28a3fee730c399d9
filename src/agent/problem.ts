/** A request that is refused; the message says in one line what is wrong and how to mend it. */
export class Problem extends Error {
	override readonly name = "Problem";
	/** HTTP status. */
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;

	constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
		super(message);
		this.status = status;
		this.headers = headers;
	}
}

/** What cannot be answered now may be in a moment. */
export function unavailable(message: string): Problem {
	return new Problem(503, message, { "retry-after": "1" });
}
