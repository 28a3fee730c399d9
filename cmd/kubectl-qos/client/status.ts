import { z } from "zod";
import { invalidObject, type PluginError, serverRefused, unauthorized } from "../errors.ts";
import { printable } from "../output/printable.ts";

const statusSchema = z.object({
	kind: z.literal("Status"),
	reason: z.string().default(""),
	message: z.string().default(""),
	details: z
		.object({
			name: z.string().optional(),
			kind: z.string().default(""),
			causes: z.array(z.object({ field: z.string().default(""), message: z.string().default("") })).nullish(),
		})
		.nullish(),
});

/** A Status object as far as errors need it. */
export type Status = z.output<typeof statusSchema>;

export function parseStatus(body: unknown): Status | undefined {
	return statusSchema.safeParse(body).data;
}

/** What an answer that is no Status means, such as a proxy's. */
const REASONS: Readonly<Record<number, string>> = {
	400: "BadRequest",
	403: "Forbidden",
	500: "InternalError",
	503: "ServiceUnavailable",
	504: "Timeout",
};

/** The server's refusal in kubectl's words. `body` is shown when it is no Status. */
export function refusalOf(httpStatus: number, status: Status | undefined, body: string): PluginError {
	if (httpStatus === 401) return unauthorized();
	if (status?.reason === "Invalid" && status.details?.causes) {
		const { kind, name = "", causes } = status.details;
		return invalidObject(
			`The ${kind} "${name}" is invalid`,
			causes.map(({ field, message }) => (field === "" ? message : `${field}: ${message}`)),
		);
	}
	return serverRefused(
		status?.reason || (REASONS[httpStatus] ?? `HTTP ${httpStatus}`),
		status?.message || printable(body.trim().slice(0, 200)),
	);
}
