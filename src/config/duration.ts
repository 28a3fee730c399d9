import { z } from "zod";
import { parseDuration } from "../api/v1alpha1/duration.ts";

/** A duration of at least `least` seconds as Kubernetes writes it (`30s`, `1h30m`), parsed to seconds. */
export function durationSeconds(least = 0.001) {
	return z.string().transform((text, context) => {
		const parsed = parseDuration(text);
		if (parsed === undefined) {
			context.addIssue({ code: "custom", message: `"${text}" is not a duration; write it like 30s, 5m or 1h30m` });
			return z.NEVER;
		}
		if (parsed < least) {
			context.addIssue({ code: "custom", message: `"${text}" is too short; at least ${least}s` });
			return z.NEVER;
		}
		return parsed;
	});
}
