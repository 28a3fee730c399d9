import { createHash } from "node:crypto";
import { escapeText as text } from "../charts/markup.ts";
import type { Json, OpenApiDocument, Parameter, Route } from "./openapi.ts";

/** The document as one page without scripts or anything from elsewhere. */

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --get: #1f6feb; --post: #1a7f37; --delete: #cf222e; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .875em; }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; border-radius: 6px; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: 0 1rem; }
summary { cursor: pointer; padding: .6rem 0; }
summary b { display: inline-block; min-width: 4.5rem; }
.get { color: var(--get); } .post { color: var(--post); } .delete { color: var(--delete); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
th, td { border-bottom: 1px solid var(--line); text-align: left; padding: .3rem .6rem .3rem 0; vertical-align: top; overflow-wrap: anywhere; }
`;

/** For the page's Content-Security-Policy. */
export const PAGE_STYLE_HASH = `sha256-${createHash("sha256").update(STYLE).digest("base64")}`;

export function documentPage(document: OpenApiDocument): string {
	const { title, version, description } = document.info;
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${text(title)} <small>${text(version)}</small></h1>
<p>${text(description)}</p>
<p>The same for programs: <a href="openapi.json">openapi.json</a>.</p>
${document.tags.map((tag) => section(document, tag)).join("\n")}
</body>
</html>
`;
}

function section({ paths }: OpenApiDocument, tag: OpenApiDocument["tags"][number]): string {
	const routes = Object.entries(paths).flatMap(([path, methods]) =>
		Object.entries(methods).flatMap(([method, route]) =>
			route.tags.includes(tag.name) ? [routeOf(method, path, route)] : [],
		),
	);
	return `<h2>${text(tag.name)}</h2>\n<p>${text(tag.description)}</p>\n${routes.join("\n")}`;
}

function routeOf(method: string, path: string, route: Route): string {
	const { operationId, summary, description, parameters = [], requestBody, responses } = route;
	return `<details id="${text(operationId)}">
<summary><b class="${text(method)}">${text(method.toUpperCase())}</b> <code>${text(path)}</code> ${text(summary)}</summary>
<p>${text(description)}</p>
<pre>${text(curl(method, path, route))}</pre>
${parameters.length === 0 ? "" : table(["query", "", "meaning"], parameters.map(parameterRow))}
${requestBody ? `<h3>Body${requestBody.required ? "" : ", optional"}</h3>\n${schemas(requestBody.content)}` : ""}
<h3>Answers</h3>
${table(
	["status", "meaning"],
	Object.entries(responses).map(([status, answer]) => [status, answer.description]),
)}
${schemas(responses["200"]?.content ?? {})}
</details>`;
}

function curl(method: string, path: string, { parameters = [], requestBody, security }: Route): string {
	const query = parameters.filter(({ required }) => required).map(({ name }) => `${name}=...`);
	const parts = ["curl"];
	if (method !== "get") parts.push(`-X ${method.toUpperCase()}`);
	if (security === undefined) parts.push('-H "Authorization: Bearer $TOKEN"');
	if (requestBody?.required) parts.push("--json '{...}'");
	return `${parts.join(" ")} "$AGENT${path}${query.length === 0 ? "" : `?${query.join("&")}`}"`;
}

function parameterRow({ name, required, description = "", schema }: Parameter): string[] {
	const values = Array.isArray(schema["enum"]) ? `One of ${schema["enum"].join(", ")}. ` : "";
	return [name, required ? "required" : "optional", `${values}${description}`];
}

function schemas(content: Json): string {
	return Object.values(content)
		.map((media) => {
			const schema = typeof media === "object" && media !== null && "schema" in media ? media.schema : {};
			return `<details><summary>schema</summary><pre>${text(JSON.stringify(schema, undefined, 2))}</pre></details>`;
		})
		.join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const cells = (row: readonly string[], tag: string) => row.map((cell) => `<${tag}>${text(cell)}</${tag}>`).join("");
	return `<table><tr>${cells(head, "th")}</tr>${rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("")}</table>`;
}
