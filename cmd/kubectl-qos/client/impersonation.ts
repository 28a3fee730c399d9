import type { KubeconfigUser } from "./kubeconfig-schema.ts";

export type Headers = Record<string, string | readonly string[]>;

/** Characters that may stand in an HTTP header's name as they are. */
const UNSAFE = /[^!#$&'*+\-.^_`|~0-9a-z]/g;

/** The headers by which the API server is asked to see somebody else. */
export function impersonation(user: KubeconfigUser): Headers {
	if (user.as === undefined) return {};
	const headers: Headers = { "Impersonate-User": user.as };
	if (user["as-groups"]?.length) headers["Impersonate-Group"] = user["as-groups"];
	if (user["as-uid"] !== undefined) headers["Impersonate-Uid"] = user["as-uid"];
	for (const [key, values] of Object.entries(user["as-user-extra"] ?? {})) {
		headers[`Impersonate-Extra-${escaped(key)}`] = values;
	}
	return headers;
}

/** The API server lower-cases keys and undoes percent-encoding. */
function escaped(key: string): string {
	return key
		.toLowerCase()
		.replaceAll(UNSAFE, (character) =>
			Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`).join(""),
		);
}
