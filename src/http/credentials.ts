import { readFile } from "node:fs/promises";

/** Makes an adapter's own error of one line. */
export type Failure = (message: string) => Error;

/**
 * The text of a file that holds a credential, read anew at every call, since credentials rotate; `undefined` without
 * a file. `field` of the configuration names it. Rejects with what `failure` makes.
 */
export async function readCredential(
	file: string | undefined,
	field: string,
	failure: Failure,
): Promise<string | undefined> {
	if (file === undefined) return undefined;
	try {
		return await readFile(file, "utf8");
	} catch (error) {
		const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
		throw failure(`${field} ${file} cannot be read (${code})`);
	}
}

/** `user:password@` of an address, decoded; empty strings where it has none. */
export function userInfo({ username, password }: URL): { readonly username: string; readonly password: string } {
	return { username: decoded(username), password: decoded(password) };
}

/** The header of basic authentication (RFC 7617). */
export function basicAuthorization(username: string, password: string): string {
	return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** A percent sign that encodes nothing stands for itself. */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
