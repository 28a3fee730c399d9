import type { IncomingMessage } from "node:http";

export async function collect(response: IncomingMessage): Promise<string> {
	response.setEncoding("utf8");
	const chunks: string[] = [];
	for await (const chunk of response) chunks.push(String(chunk));
	return chunks.join("");
}

export async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
	response.setEncoding("utf8");
	let rest = "";
	for await (const chunk of response) {
		const lines = (rest + String(chunk)).split("\n");
		rest = lines.pop() ?? "";
		yield* lines.filter((line) => line !== "");
	}
}

/** `undefined`: it is no JSON object. */
export function parseJson(body: string): object | undefined {
	try {
		const parsed: unknown = JSON.parse(body);
		return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
	} catch {
		return undefined;
	}
}
