import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { parseDuration } from "../api/v1alpha1/duration.ts";
import { BodyError, readJson } from "./body.ts";
import { type MutateOptions, mutate } from "./mutate.ts";
import { readReview } from "./review.ts";

export interface AppOptions extends MutateOptions {
	/** A pod is admitted unchanged when the decision takes longer. */
	readonly deadlineSeconds: number;
	/** Larger bodies get 413. */
	readonly maxBodyBytes: number;
	/** Whether clients should go elsewhere with their next request. */
	readonly isDraining: () => boolean;
}

/** Share of the API server's own timeout that an answer may take: the way back needs the rest. */
const SHARE_OF_TIMEOUT = 0.8;

/** The express application: `POST /mutate` with JSON in and JSON out, errors included. */
export function createApp(options: AppOptions): Express {
	const app = express();
	app.disable("x-powered-by");
	app.disable("etag");
	app.use((_request, response, next) => {
		if (options.isDraining()) response.set("connection", "close");
		next();
	});
	app.post("/mutate", mutateHandler(options));
	app.all("/mutate", (_request, response) => {
		response.set("allow", "POST").status(405).json({ error: "only POST is served here" });
	});
	app.use((_request, response) => {
		response.status(404).json({ error: "not found; the webhook is served at /mutate" });
	});
	app.use(errorHandler(options));
	return app;
}

function mutateHandler(options: AppOptions): RequestHandler {
	return async (request, response) => {
		const end = options.telemetry.duration.startTimer();
		const review = readReview(await readJson(request, options.maxBodyBytes));
		if ("problem" in review) {
			response.status(400).json({ error: review.problem });
			return;
		}
		response.json(await mutate(review, deadlineMs(request.query["timeout"], options.deadlineSeconds), options));
		end();
	};
}

/** The API server says in `?timeout=` how long it waits. */
export function deadlineMs(timeout: unknown, ownSeconds: number): number {
	const given = typeof timeout === "string" ? parseDuration(timeout) : undefined;
	const seconds = given === undefined || given === 0 ? ownSeconds : Math.min(ownSeconds, given * SHARE_OF_TIMEOUT);
	return seconds * 1000;
}

/** Express answers errors with a page and a stack; callers here read JSON. */
function errorHandler({ logger }: AppOptions): ErrorRequestHandler {
	return (error: unknown, _request, response, next) => {
		if (response.headersSent) {
			next(error);
			return;
		}
		if (error instanceof BodyError) {
			response.status(error.status).json({ error: error.message });
			return;
		}
		logger.error({ err: error }, "request failed");
		response.status(500).json({ error: "internal error; see the controller's log" });
	};
}
