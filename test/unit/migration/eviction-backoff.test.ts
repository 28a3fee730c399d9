import { expect, it } from "vitest";
import { EvictionBackoff } from "../../../src/core/migration/eviction-backoff.ts";
import { MINUTE } from "../cluster-core/builders.ts";

it("waits longer each time, but not until a clock that was set back is as late again", () => {
	const backoff = new EvictionBackoff();
	backoff.record("shop/web", MINUTE, 100 * MINUTE);
	expect(backoff.allows("shop/web", MINUTE, 101 * MINUTE)).toBe(false);
	expect(backoff.allows("shop/web", MINUTE, 102 * MINUTE)).toBe(true);
	expect(backoff.allows("shop/web", MINUTE, 5 * MINUTE)).toBe(true);
});
