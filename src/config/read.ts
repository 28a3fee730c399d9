import { readFileSync } from "node:fs";
import { LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { type Configuration, configurationSchema } from "./config.ts";

/** The configuration cannot be used; the message is one line: file, line, field, what is wrong. */
export class ConfigurationError extends Error {
	override readonly name = "ConfigurationError";
}

/** Reads and validates the configuration file. @throws ConfigurationError */
export function readConfiguration(file: string): Configuration {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
		throw new ConfigurationError(`${file}: cannot be read (${code}); pass the configuration file with --config FILE`);
	}
	return parseConfiguration(text, file);
}

/** @throws ConfigurationError */
export function parseConfiguration(text: string, file: string): Configuration {
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
	const [syntax] = document.errors;
	if (syntax) {
		const { line, col } = lines.linePos(syntax.pos[0]);
		throw new ConfigurationError(`${file}:${line}:${col}: not valid YAML: ${syntax.message}`);
	}
	const result = configurationSchema.safeParse(document.toJS() ?? {}, { reportInput: true });
	if (result.success) return result.data;
	// A misspelt field leaves another one missing: the misspelling is what has to be mended.
	const { issues } = result.error;
	const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
	if (!issue) throw new ConfigurationError(`${file}: invalid`);
	const unknown = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
	const node = closestNode(document, [...issue.path, ...unknown]);
	const place = node ? `${file}:${lines.linePos(node).line}` : file;
	throw new ConfigurationError(`${place}: ${issue.path.join(".") || "(root)"}: ${explain(issue)}`);
}

const WHERE_DOCUMENTED = "docs/reference/configuration.md lists the fields";

function explain(issue: z.core.$ZodIssue): string {
	if (issue.code === "unrecognized_keys") {
		return `unknown field ${issue.keys.map((key) => `"${key}"`).join(", ")}; ${WHERE_DOCUMENTED}`;
	}
	if (issue.code === "invalid_type" && issue.input === undefined) return `is missing; ${WHERE_DOCUMENTED}`;
	return issue.message;
}

/** Offset of the deepest node of `path` that the document has. */
function closestNode(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number | undefined {
	for (let length = path.length; length > 0; length--) {
		const node: unknown = document.getIn(path.slice(0, length), true);
		if (typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)) {
			return Number(node.range[0]);
		}
	}
	return undefined;
}
