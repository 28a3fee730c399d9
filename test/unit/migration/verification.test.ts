import { beforeEach, expect, it } from "vitest";
import { MINUTE, policy } from "../cluster-core/builders.ts";
import { ApiServer } from "./api-server.ts";
import { look, STEP_MS } from "./observing.ts";

let server: ApiServer;

beforeEach(() => {
	server = new ApiServer();
});

it("knows what was before although the newest measurements are on their way, however soon it verifies", () => {
	server.policy = policy({ rebalance: { ...server.policy.rebalance, verifyAfterSeconds: STEP_MS / 1000 } });
	look(server, 0, { measured: (time) => (time < -2 * STEP_MS ? 150 : undefined) });
	expect(server.migration.status.measuredBefore).toBe(150);
});

it("does not take for before what was measured long ago", () => {
	look(server, 0, { measured: (time) => (time < -10 * MINUTE ? 150 : undefined) });
	expect(server.migration.status.measuredBefore).toBeUndefined();
});

it("does not mix before with what was before that", () => {
	look(server, 0, { measured: (time) => (time < -5 * MINUTE ? 1000 : 150) });
	expect(server.migration.status.measuredBefore).toBe(150);
});
