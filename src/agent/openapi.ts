import { z } from "zod";
import type { Operation } from "./operation.ts";
import * as answers from "./schema/answers.ts";

/** A JSON object of the OpenAPI document. */
export type Json = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
	readonly openapi: "3.1.0";
	readonly info: { readonly title: string; readonly version: string; readonly description: string };
	readonly tags: readonly { readonly name: string; readonly description: string }[];
	readonly paths: Readonly<Record<string, Readonly<Record<string, Route>>>>;
	readonly components: Json;
	readonly security: readonly Json[];
}

export interface Route {
	readonly operationId: string;
	readonly tags: readonly string[];
	readonly summary: string;
	readonly description: string;
	readonly security?: readonly Json[];
	readonly parameters?: readonly Parameter[];
	readonly requestBody?: { readonly required: boolean; readonly content: Json };
	readonly responses: Readonly<Record<string, RouteAnswer>>;
}

interface RouteAnswer {
	readonly description: string;
	readonly content?: Json;
	readonly headers?: Json;
	readonly links?: Json;
}

export interface Parameter {
	readonly name: string;
	readonly in: "query";
	readonly required: boolean;
	readonly description?: string | undefined;
	readonly schema: Json;
}

const TAGS = [
	{ name: "timer", description: "Sensors: when predictions are made and apps are moved. Each is a QoSJob." },
	{ name: "analysis", description: "Evaluate an app now. Each is a QoSMigration." },
	{ name: "description", description: "What this replica is configured to do, what it reads and what it writes." },
	{ name: "document", description: "This document, for everybody." },
];

const REFUSALS: Readonly<Record<number, string>> = {
	400: "The request does not fit its schema.",
	401: "No bearer token, or nobody's.",
	403: "The caller may not do this.",
	404: "What is named is not there.",
	405: "The path is not served with this method.",
	409: "It is there already, or the request is ambiguous.",
	413: "The body is too large.",
	415: "The body is not JSON.",
	422: "The request fits its schema, and yet cannot be mapped onto a QoSJob.",
	503: "The API server cannot be asked.",
};

/** The OpenAPI 3.1 document, from the schemas that validate requests and make answers. */
export function openApiDocument(operations: readonly Operation[], version: string): OpenApiDocument {
	const paths: Record<string, Record<string, Route>> = {};
	for (const operation of operations) {
		paths[operation.path] = { ...paths[operation.path], [operation.method]: routeOf(operation) };
	}
	return {
		openapi: "3.1.0",
		info: {
			title: "kubectl-qos agent",
			version,
			description:
				"The timer of kubectl-qos in the words of Scanflow's agent: sensors are QoSJobs, analyses are QoSMigrations. Every request bears a token of the Kubernetes API server, and may do what RBAC lets its bearer do.",
		},
		tags: TAGS,
		paths: { ...paths, ...openPaths() },
		components: {
			securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "A token of the API server." } },
			schemas: { Problem: schemaOf(answers.problem, "output") },
		},
		security: [{ bearer: [] }],
	};
}

function routeOf(operation: Operation): Route {
	const { id, tag, summary, description, body, answer, idGoesTo } = operation;
	const parameters = parametersOf(operation.query);
	const refusals = [400, 401, 403, 405, ...(body ? [413, 415] : []), ...operation.refusals, 503];
	return {
		operationId: id,
		tags: [tag],
		summary,
		description,
		...(parameters.length > 0 && { parameters }),
		...(body && {
			requestBody: { required: operation.isBodyRequired, content: json(schemaOf(body, "input")) },
		}),
		responses: {
			200: {
				description: "Done.",
				content: json(schemaOf(answer, "output")),
				...(idGoesTo.length > 0 && { links: Object.fromEntries(idGoesTo.map((to) => [to, linkTo(to)])) }),
			},
			...Object.fromEntries(refusals.map((status) => [status, refusal(status)])),
		},
	};
}

function linkTo(operationId: string): Json {
	return { operationId, parameters: { "query.sensor_id": "$response.body#/id" } };
}

function refusal(status: number) {
	const content = json({ $ref: "#/components/schemas/Problem" });
	return { description: REFUSALS[status] ?? "", content, ...(status === 405 && { headers: ALLOW }) };
}

const ALLOW = { Allow: { required: true, schema: { type: "string" }, description: "Methods that are served." } };

function parametersOf(query: z.ZodObject): Parameter[] {
	const { properties = {}, required = [] } = querySchema.parse(schemaOf(query, "input"));
	return Object.entries(properties).map(([name, { description, ...schema }]) => ({
		name,
		in: "query",
		required: required.includes(name),
		...(description !== undefined && { description }),
		schema,
	}));
}

const querySchema = z.object({
	properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })).optional(),
	required: z.array(z.string()).optional(),
});

function openPaths(): Record<string, Record<string, Route>> {
	const route = (operationId: string, summary: string, content: Json): Record<string, Route> => ({
		get: {
			operationId,
			tags: ["document"],
			summary,
			description: "Needs no token.",
			security: [],
			responses: { 200: { description: "Done.", content }, 405: refusal(405) },
		},
	});
	return {
		"/openapi.json": route("readDocument", "This document", json({ type: "object" })),
		"/docs": route("readPage", "This document as a page", { "text/html": { schema: { type: "string" } } }),
	};
}

function json(schema: Json): Json {
	return { "application/json": { schema } };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
	const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
	return rest;
}
