import type { Parsed } from "../../../../src/api/v1alpha1/parse.ts";

/** The value, or the message as an error. */
export function read<T>(parse: (input: unknown) => Parsed<T>, input: unknown): T {
	const parsed = parse(input);
	if (!parsed.ok) throw new Error(parsed.message);
	return parsed.value;
}
