import { readFile } from "node:fs/promises";
import { z } from "zod";

/** One request as the load generator saw it. */
export interface Request {
	/** Probe: what a request of the app's cost would take on a node, asked of a pod that is there for that. */
	readonly kind: "request" | "probe";
	/** When it was due, ms since the epoch. */
	readonly at: number;
	readonly app: string;
	/** Empty when there was no ready endpoint. */
	readonly node: string;
	readonly pod: string;
	/** Since it was due, in seconds. */
	readonly latency: number;
	readonly ok: boolean;
}

const line = z.tuple([
	z.enum(["request", "probe"]),
	z.coerce.number(),
	z.string(),
	z.string(),
	z.string(),
	z.coerce.number().nonnegative(),
	z.string(),
]);

/** Reads the load generator's CSV. Throws with the line's number when one is not as it should be. */
export function parseRequests(csv: string): readonly Request[] {
	const [, ...lines] = csv.trimEnd().split("\n");
	return lines.map((text, index) => {
		const parsed = line.safeParse(text.split(","));
		if (!parsed.success) throw new Error(`line ${index + 2} of the requests is no request: ${text}`);
		const [kind, at, app, node, pod, milliseconds, status] = parsed.data;
		return { kind, at, app, node, pod, latency: milliseconds / 1000, ok: status === "200" };
	});
}

export async function readRequests(file: string): Promise<readonly Request[]> {
	return parseRequests(await readFile(file, "utf8"));
}
