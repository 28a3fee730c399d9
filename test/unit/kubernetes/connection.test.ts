import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "../../../src/adapters/kubernetes/errors.ts";
import { type FakeApiServer, json, startFakeApiServer } from "./fake-api-server.ts";

let server: FakeApiServer;

beforeEach(async () => {
	server = await startFakeApiServer(1);
});

afterEach(() => server.stop());

function failing(times: number, status: number) {
	let left = times;
	server.answer = (_, response) => {
		left -= 1;
		if (left >= 0) json(response, status, { kind: "Status", reason: "Busy", message: "not now\nsecret detail" });
		else json(response, 200, { done: true });
	};
}

describe("KubernetesConnection.request", () => {
	it.each([429, 500, 503])("tries reads again after %i", async (status) => {
		failing(1, status);
		expect(await server.connection.request({ path: "/x", query: { a: 1, b: undefined } })).toEqual({ done: true });
		expect(server.requests).toEqual(["GET /x?a=1", "GET /x?a=1"]);
	});

	it("tries writes again only where the server did nothing", async () => {
		failing(1, 500);
		await expect(server.connection.request({ method: "POST", path: "/x", body: {} })).rejects.toThrow(
			"500 Busy: not now",
		);
		expect(server.requests).toHaveLength(1);
		failing(1, 429);
		expect(await server.connection.request({ method: "POST", path: "/x", body: {} })).toEqual({ done: true });
	});

	it("does not try again when told so, nor what was refused", async () => {
		failing(1, 429);
		await expect(server.connection.request({ path: "/x", retry: false })).rejects.toThrow("429");
		failing(1, 403);
		await expect(server.connection.request({ path: "/x" })).rejects.toThrow("403");
		expect(server.requests).toHaveLength(2);
	});

	it("gives up in time, with one line", async () => {
		server.answer = () => undefined;
		const error: unknown = await server.connection
			.request({ path: "/slow", timeoutSeconds: 0.05 })
			.catch((error) => error);
		expect(error).toBeInstanceOf(ApiError);
		expect(String(error)).toMatch(/GET \/slow: the API server http:\S+ cannot be reached \(no answer in time\); check/);
	});

	it("puts up with a body that is no JSON", async () => {
		server.answer = (_, response) => response.end("<html>");
		await expect(server.connection.request({ path: "/x", retry: false })).rejects.toBeInstanceOf(ApiError);
	});
});

describe("KubernetesConnection.watch", () => {
	it("gives each line as it comes, whole", async () => {
		server.answer = (_, response) => {
			response.write('{"n":1}\n{"n"');
			setTimeout(() => response.end(":2}\n"), 20);
		};
		const events: unknown[] = [];
		for await (const event of await server.connection.watch({ path: "/w" })) events.push(event);
		expect(events).toEqual([{ n: 1 }, { n: 2 }]);
	});

	it("says so when a watch falls silent", async () => {
		server.answer = (_, response) => void response.write('{"n":1}\n');
		const events = await server.connection.watch({ path: "/w", timeoutSeconds: 0.1 });
		expect((await events.next()).value).toEqual({ n: 1 });
		await expect(events.next()).rejects.toThrow(/^watch \/w: .* cannot be reached \(no answer in time\)/);
	});

	it("rejects when the connection breaks", async () => {
		server.answer = (_, response) => {
			response.write('{"n":1}\n');
			setTimeout(() => response.destroy(), 20);
		};
		const events = await server.connection.watch({ path: "/w" });
		expect((await events.next()).value).toEqual({ n: 1 });
		await expect(events.next()).rejects.toBeInstanceOf(ApiError);
	});
});
