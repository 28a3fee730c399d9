import type { IncomingMessage } from "node:http";

/** A request whose body is not taken, with the status and the line that it is answered with. */
export class BodyError extends Error {
	override readonly name = "BodyError";
	readonly status: 400 | 413 | 415;

	constructor(status: BodyError["status"], message: string) {
		super(message);
		this.status = status;
	}
}

const JSON_TYPE = /^application\/json\s*(;|$)/i;
const FOREIGN_CHARSET = /;\s*charset\s*=\s*(?!"?utf-?8"?\s*(;|$))/i;

/**
 * The JSON in a request's body. Express' own parser takes any encoding and twice the time, and every pod waits.
 * @throws BodyError
 */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
	const { "content-type": type = "", "content-encoding": encoding = "identity" } = request.headers;
	if (!JSON_TYPE.test(type)) throw new BodyError(415, "the body must be application/json");
	if (encoding !== "identity" || FOREIGN_CHARSET.test(type)) {
		throw new BodyError(415, "the body must be uncompressed UTF-8");
	}
	const text = (await bytesOf(request, maxBytes)).toString();
	try {
		return JSON.parse(text);
	} catch {
		throw new BodyError(400, "the body is not valid JSON");
	}
}

function bytesOf(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
	const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
	const chunks: Buffer[] = [];
	let size = 0;
	request.on("data", (chunk: Buffer) => {
		size += chunk.length;
		// What is too large is read to its end all the same: only then does the client listen to the answer.
		if (size <= maxBytes) chunks.push(chunk);
		else chunks.length = 0;
	});
	request.once("end", () => {
		if (size > maxBytes) reject(new BodyError(413, "the body is too large"));
		else resolve(Buffer.concat(chunks));
	});
	request.once("error", () => reject(new BodyError(400, "the body is incomplete")));
	return promise;
}
