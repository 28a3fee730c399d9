import { z } from "zod";
import { PROBE_ANNOTATION } from "./group.ts";

/** What the webhook answers a probe with, followed by its version. */
export const PROBE_WORDS = "the webhook answers, version ";

const probeSchema = z.object({
	metadata: z.object({ annotations: z.object({ [PROBE_ANNOTATION]: z.literal("true") }) }),
});

/** Whether a pod only asks if the webhook is reached. */
export function isProbe(object: unknown): boolean {
	return probeSchema.safeParse(object).success;
}

/** The version in a warning of the webhook's answer to a probe; `undefined`: it is another warning. */
export function probedVersion(warning: string): string | undefined {
	const [, version] = warning.split(PROBE_WORDS);
	return version?.trim();
}
