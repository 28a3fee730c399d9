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
