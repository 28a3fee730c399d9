import { Registry } from "prom-client";
import { afterEach, expect, test } from "vitest";
import { type HealthServer, startHealthServer } from "../../src/webhook/health.ts";

let server: HealthServer | undefined;

afterEach(async () => {
	await server?.stop();
});

test("readiness names what is missing, liveness does not depend on it, metrics are served", async () => {
	let problem: string | undefined = "caches are being filled";
	const readiness = { certificate: () => undefined, caches: () => problem };
	server = await startHealthServer({ host: "127.0.0.1", port: 0, readiness, registry: new Registry() });
	const get = async (path: string) => {
		const response = await fetch(`http://127.0.0.1:${server?.port}${path}`);
		return { status: response.status, text: await response.text() };
	};
	expect(await get("/livez")).toEqual({ status: 200, text: '{"status":"ok"}' });
	const unready = await get("/readyz");
	expect(unready.status).toBe(503);
	expect(JSON.parse(unready.text)).toEqual({
		status: "not ready",
		problems: [{ check: "caches", message: "caches are being filled" }],
	});
	problem = undefined;
	expect((await get("/readyz")).status).toBe(200);
	expect((await get("/metrics")).status).toBe(200);
	expect((await get("/")).status).toBe(404);
});
