import { afterEach, beforeEach, expect, it } from "vitest";
import { LeaderElector } from "../../../src/adapters/kubernetes/leader-elector.ts";
import { type FakeApiServer, json, startFakeApiServer } from "./fake-api-server.ts";

let server: FakeApiServer;

beforeEach(async () => {
	server = await startFakeApiServer();
});

afterEach(() => server.stop());

it("says once that the lease cannot be had, and once that it can again", async () => {
	const lines: string[] = [];
	const log = {
		info: (_fields: object, message: string) => void lines.push(message),
		warn: (fields: object, message: string) => void lines.push(`${message}: ${JSON.stringify(fields)}`),
	};
	server.answer = (_, response) => json(response, 403, { reason: "Forbidden", message: "no" });
	const elector = new LeaderElector({
		connection: server.connection,
		namespace: "system",
		name: "lease",
		identity: "me",
		retryPeriodSeconds: 0.15,
		log,
	});
	elector.start();
	await expect.poll(() => server.requests.length, { timeout: 5000 }).toBeGreaterThan(2);
	expect(lines).toHaveLength(1);
	expect(lines[0]).toMatch(/^lease cannot be renewed: .*403 Forbidden: no/);
	const lease = { metadata: { resourceVersion: "1" }, spec: { holderIdentity: "other", leaseDurationSeconds: 15 } };
	server.answer = (_, response) => json(response, 200, lease);
	await expect.poll(() => lines.length).toBe(2);
	expect(lines[1]).toBe("lease can be renewed again");
	expect(elector.isLeader()).toBe(false);
	await elector.stop();
});
