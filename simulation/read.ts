import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { type WorldSpec, worldSchema } from "./schema.ts";

/** The world cannot be used as written; the message is one line. */
class WorldError extends Error {
	override readonly name = "WorldError";
}

/** The document of a world file, not yet validated. @throws WorldError */
export function readWorld(file: string): unknown {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
		throw new WorldError(`${file}: cannot be read (${code}); pass the world with --world FILE`);
	}
	const document = parseDocument(text);
	const [error] = document.errors;
	if (error) throw new WorldError(`${file}: not valid YAML: ${error.message.split("\n", 1)[0]}`);
	return document.toJS() ?? {};
}

/** @throws WorldError that names the field */
export function parseWorld(document: unknown): WorldSpec {
	const result = worldSchema.safeParse(document);
	if (result.success) return result.data;
	const [issue] = result.error.issues;
	throw new WorldError(
		`world: ${issue?.path.join(".") || "(root)"}: ${issue?.message}; simulation/README.md lists the fields`,
	);
}

/** Applies a JSON merge patch (RFC 7386). */
export function mergePatch(target: unknown, patch: unknown): unknown {
	if (!isObject(patch)) return patch;
	const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
	for (const [key, value] of Object.entries(patch)) {
		if (value === undefined) continue;
		if (value === null) delete merged[key];
		else merged[key] = mergePatch(merged[key], value);
	}
	return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
