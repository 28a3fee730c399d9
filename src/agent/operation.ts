import { z } from "zod";
import type { Access } from "../core/access/access.ts";
import type { Objects } from "./ports.ts";
import { Problem } from "./problem.ts";

/** A request of somebody who is known, with nothing of it validated yet. */
export interface Incoming {
	readonly query: unknown;
	/** `undefined`: none was sent. */
	readonly body: unknown;
	/** Resolves to the objects as the caller may see them. @throws Problem when the caller may not */
	allow(access: Access): Promise<Objects>;
}

/** One route: what the document says of it, what validates it, and what it does. */
export interface Operation {
	readonly method: "get" | "post" | "delete";
	readonly path: string;
	/** Its operationId. */
	readonly id: string;
	readonly tag: string;
	readonly summary: string;
	readonly description: string;
	readonly query: z.ZodObject;
	/** Absent: none is read. */
	readonly body: z.ZodType | undefined;
	readonly isBodyRequired: boolean;
	readonly answer: z.ZodType;
	/** Statuses of refusals beside those that every route has. */
	readonly refusals: readonly number[];
	/** operationIds of routes that take the answer's `id` as `sensor_id`. */
	readonly idGoesTo: readonly string[];
	/** @throws Problem */
	handle(incoming: Incoming): Promise<unknown>;
}

interface Definition<Query extends z.ZodObject, Body extends z.ZodType, Answer extends z.ZodType>
	extends Pick<Operation, "method" | "path" | "id" | "tag" | "summary" | "description"> {
	readonly query?: Query;
	readonly body?: Body;
	readonly isBodyRequired?: boolean;
	readonly answer: Answer;
	readonly refusals?: readonly number[];
	readonly idGoesTo?: readonly string[];
	/** What the caller needs to be allowed. */
	readonly access: (query: z.output<Query>, body: z.output<Body> | undefined) => Access;
	readonly run: (call: {
		readonly query: z.output<Query>;
		readonly body: z.output<Body> | undefined;
		readonly objects: Objects;
	}) => z.output<Answer> | Promise<z.output<Answer>>;
}

/** A route whose handler gets what its schemas let through, and answers nothing that its schema does not name. */
export function operation<Query extends z.ZodObject, Body extends z.ZodType, Answer extends z.ZodType>(
	definition: Definition<Query, Body, Answer>,
): Operation {
	const { access, run, query = z.strictObject({}), body, isBodyRequired = false, answer, ...rest } = definition;
	return {
		refusals: [],
		idGoesTo: [],
		...rest,
		query,
		body,
		isBodyRequired,
		answer,
		async handle(incoming) {
			const parameters = valid(query, incoming.query, "") as z.output<Query>;
			if (isBodyRequired && incoming.body === undefined) throw new Problem(400, "the body is missing; send JSON");
			const content = body && incoming.body !== undefined ? valid(body, incoming.body, "body.") : undefined;
			const objects = await incoming.allow(access(parameters, content));
			return answer.parse(await run({ query: parameters, body: content, objects }));
		},
	};
}

function valid<Schema extends z.ZodType>(schema: Schema, input: unknown, place: string): z.output<Schema> {
	const result = schema.safeParse(input);
	if (result.success) return result.data;
	const lines = result.error.issues.map(({ path, message }) => {
		const field = path.join(".");
		return field === "" ? `${place === "" ? "" : "body: "}${message}` : `${place}${field}: ${message}`;
	});
	throw new Problem(400, lines.join("; "));
}
