import type { Migration } from "./migration.ts";
import type { Because } from "./outcome.ts";

/** Reason of what ends because somebody asked for it; it says nothing about the place. */
export const CANCELLED = "Cancelled";

/** Whether a migration was stopped on request. */
export function isCancelled({ status }: Migration): boolean {
	return status.reason === CANCELLED;
}

/** Why the migration is to be stopped; `undefined`: nobody asked for that. */
export function cancellation({ cancelledBy }: Migration): Because | undefined {
	return cancelledBy === undefined ? undefined : { reason: CANCELLED, message: `cancelled by ${cancelledBy}` };
}
