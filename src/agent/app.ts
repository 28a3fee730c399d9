import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import type { Logger } from "pino";
import type { Reviews } from "../core/access/access.ts";
import { Guard } from "./access.ts";
import { documentPage, PAGE_STYLE_HASH } from "./document-page.ts";
import { openApiDocument } from "./openapi.ts";
import type { Operation } from "./operation.ts";
import type { Objects } from "./ports.ts";
import { Problem, unavailable } from "./problem.ts";

export interface AgentAppOptions {
	readonly operations: readonly Operation[];
	readonly reviews: Reviews;
	/** Objects in the cluster as whoever the token belongs to; `done` ends what that opened. */
	readonly objectsAs: (token: string) => { readonly objects: Objects; readonly done: () => void };
	/** `v1.2.3`. */
	readonly version: string;
	readonly clock: () => number;
	readonly logger: Logger;
}

const MAX_BODY_BYTES = 64 * 1024;
const NOTHING = "default-src 'none'; frame-ancestors 'none'";

/** The agent's API: JSON in and out, errors included. The document and its page need no token: they say nothing of the cluster. */
export function createAgentApp(options: AgentAppOptions): Express {
	const { operations, version } = options;
	const document = openApiDocument(operations, version);
	const page = documentPage(document);
	const guard = new Guard(options);
	const app = express();
	app.disable("x-powered-by");
	app.disable("etag");
	app.enable("strict routing");
	app.enable("case sensitive routing");
	app.use(securityHeaders);
	app.get("/openapi.json", (_request, response) => void response.json(document));
	app.get("/docs", (_request, response) => {
		response.set(
			"content-security-policy",
			`${NOTHING}; style-src '${PAGE_STYLE_HASH}'; base-uri 'none'; form-action 'none'`,
		);
		response.type("html").send(page);
	});
	const methods = new Map<string, string[]>([
		["/openapi.json", ["GET"]],
		["/docs", ["GET"]],
	]);
	for (const operation of operations) {
		app[operation.method](operation.path, handlerOf(operation, guard, options));
		methods.set(operation.path, [...(methods.get(operation.path) ?? []), operation.method.toUpperCase()]);
	}
	for (const [path, allowed] of methods) {
		app.all(path, () => {
			throw new Problem(405, `only ${allowed.join(" and ")} is served here`, { allow: allowed.join(", ") });
		});
	}
	app.use(() => {
		throw new Problem(404, "not found; /docs lists what is served");
	});
	app.use(errorHandler(options.logger));
	return app;
}

const securityHeaders: RequestHandler = (_request, response, next) => {
	response.set({
		"cache-control": "no-store",
		"content-security-policy": NOTHING,
		"referrer-policy": "no-referrer",
		"x-content-type-options": "nosniff",
		"x-frame-options": "DENY",
	});
	next();
};

const readJson = express.json({ limit: MAX_BODY_BYTES, inflate: false });

function handlerOf(operation: Operation, guard: Guard, { objectsAs }: AgentAppOptions): RequestHandler {
	return async (request, response) => {
		const { caller, token } = await guard.authenticate(request.headers.authorization);
		if (operation.body) await readBody(request, response);
		const { objects, done } = objectsAs(token);
		try {
			const result = await operation.handle({
				query: request.query,
				body: request.body as unknown,
				async allow(access) {
					await guard.authorize(caller, access);
					return objects;
				},
			});
			response.json(result);
		} finally {
			done();
		}
	};
}

/** Puts the body into `request.body`: only of somebody who is known. @throws what body-parser finds wrong, Problem 415 */
async function readBody(request: express.Request, response: express.Response): Promise<void> {
	const { "content-length": length, "transfer-encoding": encoding } = request.headers;
	if (encoding === undefined && (length === undefined || length === "0")) return;
	if (!request.is("application/json")) throw new Problem(415, "the body must be application/json");
	await new Promise<void>((resolve, reject) => {
		readJson(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
	});
}

function errorHandler(logger: Logger): ErrorRequestHandler {
	return (error: unknown, request, response, next) => {
		if (response.headersSent) {
			next(error);
			return;
		}
		const { status, message, headers } = problemOf(error);
		if (status === 500) logger.error({ err: error, path: request.path }, "the agent's API failed");
		response.status(status).set(headers).json({ detail: message });
	};
}

/** Statuses of the API server that say something of the request; others are its own trouble. */
const PASSED_ON: ReadonlySet<number> = new Set([400, 401, 403, 404, 409, 413, 422]);

/** By the API server's reason. */
const MENDS: ReadonlyMap<string, string> = new Map([
	["AlreadyExists", "remove it first, or give another name"],
	["NotFound", "GET /sensors/event/get/all lists the sensors"],
]);

const INTERNAL = new Problem(500, "internal error; see the controller's log");

function problemOf(error: unknown): Pick<Problem, "status" | "message" | "headers"> {
	if (error instanceof Problem) return error;
	if (!(error instanceof Error)) return INTERNAL;
	const type = "type" in error ? error.type : undefined;
	switch (type) {
		case "entity.too.large":
			return new Problem(413, `the body is too large; at most ${MAX_BODY_BYTES} bytes`);
		case "encoding.unsupported":
		case "charset.unsupported":
			return new Problem(415, "the body must be uncompressed UTF-8");
		case "entity.parse.failed":
			return new Problem(400, "the body is not a JSON object");
		case "request.aborted":
		case "request.size.invalid":
			return new Problem(400, "the body is incomplete");
		default:
	}
	if (error.name === "ApiError" && "status" in error && typeof error.status === "number") {
		const mend = "reason" in error ? MENDS.get(String(error.reason)) : undefined;
		return PASSED_ON.has(error.status)
			? new Problem(error.status, mend === undefined ? error.message : `${error.message}; ${mend}`)
			: unavailable("the API server cannot be asked; try again");
	}
	return INTERNAL;
}
