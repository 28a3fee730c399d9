import { z } from "zod";
import { configurationSchema } from "./config.ts";
import { DEFAULT_CATALOGUE } from "./default-catalogue.ts";

/** What a field's JSON Schema says of it, as far as the page shows it. */
const fieldSchema = z.looseObject({
	type: z.string().optional(),
	enum: z.array(z.string()).optional(),
	description: z.string().optional(),
	default: z.unknown().optional(),
	properties: z.record(z.string(), z.unknown()).optional(),
	additionalProperties: z.unknown().optional(),
	anyOf: z.array(z.unknown()).optional(),
	required: z.array(z.string()).optional(),
	minimum: z.number().optional(),
	maximum: z.number().optional(),
});

/** The reference page of the configuration file, in Markdown, made from the schema that validates it. */
export function configurationReference(): string {
	const root = z.toJSONSchema(configurationSchema, { io: "input", unrepresentable: "any" });
	return [
		"# Configuration of the controller",
		"",
		"Made from `src/config/config.ts` by `npm run docs:build`; do not edit. Durations are written as `30s`, `5m` or `1h30m`.",
		"",
		"| field | type | default | meaning |",
		"|---|---|---|---|",
		...rows(root, ""),
		"",
		"## Metrics that ship",
		"",
		"| name | scope | unit | query |",
		"|---|---|---|---|",
		...DEFAULT_CATALOGUE.map(
			({ name, scope, unit, query }) => `| \`${name}\` | ${scope} | ${unit} | \`${escape(query)}\` |`,
		),
		"",
	].join("\n");
}

function rows(schema: unknown, path: string): string[] {
	const { properties = {}, required = [] } = fieldSchema.parse(schema);
	return Object.entries(properties).flatMap(([name, value]) => {
		const field = fieldSchema.parse(value);
		const fieldPath = path === "" ? name : `${path}.${name}`;
		const fallback = field.properties ? "" : defaultOf(field.default, required.includes(name));
		const row = `| \`${fieldPath}\` | ${typeOf(field)} | ${fallback} | ${escape(field.description ?? "")} |`;
		return [row, ...rows(value, fieldPath), ...entryRows(field, fieldPath)];
	});
}

/** Rows of the entries of a map, whose names the user chooses. */
function entryRows({ additionalProperties }: z.infer<typeof fieldSchema>, path: string): string[] {
	if (typeof additionalProperties !== "object" || additionalProperties === null) return [];
	const { anyOf } = fieldSchema.parse(additionalProperties);
	return (anyOf ?? [additionalProperties]).flatMap((entry) => rows(entry, `${path}.NAME`));
}

function typeOf(field: z.infer<typeof fieldSchema>): string {
	if (field.enum) return field.enum.map((value) => `\`${value}\``).join(", ");
	return field.type ?? "";
}

function defaultOf(value: unknown, required: boolean): string {
	if (value === undefined) return required ? "required" : "none";
	const text = JSON.stringify(value);
	return text.length > 60 ? "see the schema" : `\`${escape(text)}\``;
}

function escape(text: string): string {
	return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
