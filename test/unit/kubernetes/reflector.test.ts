import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SILENT } from "../../../src/adapters/kubernetes/log.ts";
import { Reflector } from "../../../src/adapters/kubernetes/reflector.ts";
import { type FakeApiServer, json, startFakeApiServer } from "./fake-api-server.ts";

let server: FakeApiServer;
let reflector: Reflector;
let kept: Map<string, unknown>;
/** Answers of the lists to come, oldest first; the last one stays. */
let lists: object[];
let watches: ServerResponse[];

beforeEach(async () => {
	server = await startFakeApiServer();
	kept = new Map();
	lists = [];
	watches = [];
	server.answer = (request, response) => {
		if (request.url?.includes("watch=true")) {
			response.writeHead(200);
			response.flushHeaders();
			watches.push(response);
		} else {
			json(response, 200, (lists.length > 1 ? lists.shift() : lists[0]) ?? {});
		}
	};
	const sink = {
		put: (key: string, object: unknown) => void kept.set(key, object),
		remove: (key: string) => void kept.delete(key),
		keys: () => kept.keys(),
	};
	reflector = new Reflector({ connection: server.connection, path: "/things", sink, log: SILENT });
});

afterEach(async () => {
	await reflector.stop();
	await server.stop();
});

function thing(name: string, resourceVersion = "1") {
	return { metadata: { namespace: "shop", name, resourceVersion } };
}

function list(resourceVersion: string, names: readonly string[], next = "") {
	return { metadata: { resourceVersion, continue: next }, items: names.map((name) => thing(name)) };
}

function send(type: string, object: object): void {
	watches.at(-1)?.write(`${JSON.stringify({ type, object })}\n`);
}

function keys(): string[] {
	return [...kept.keys()].toSorted();
}

describe("Reflector", () => {
	it("lists page by page, then follows the watch", async () => {
		lists = [list("5", ["a"], "more"), list("6", ["b"])];
		reflector.start();
		await vi.waitFor(() => expect(watches).toHaveLength(1));
		expect(reflector.ready).toBe(true);
		expect(keys()).toEqual(["shop/a", "shop/b"]);
		expect(server.requests[1]).toContain("continue=more");
		expect(server.requests[2]).toContain("resourceVersion=6");
		send("ADDED", thing("c", "7"));
		send("DELETED", thing("a", "8"));
		await vi.waitFor(() => expect(keys()).toEqual(["shop/b", "shop/c"]));
		expect(reflector.ageSeconds()).toBe(0);
	});

	it("goes on from the newest version, bookmarks included, when the server ends the watch", async () => {
		lists = [list("5", ["a"])];
		reflector.start();
		await vi.waitFor(() => expect(watches).toHaveLength(1));
		send("BOOKMARK", { kind: "ConfigMap", metadata: { resourceVersion: "9", creationTimestamp: null } });
		watches[0]?.end();
		await vi.waitFor(() => expect(watches).toHaveLength(2));
		expect(server.requests.filter((request) => !request.includes("watch"))).toHaveLength(1);
		expect(server.requests.at(-1)).toContain("resourceVersion=9");
	});

	it("lists anew when its version is too old, and drops what is gone by then", async () => {
		lists = [list("5", ["a", "b"]), list("50", ["b", "c"])];
		reflector.start();
		await vi.waitFor(() => expect(watches).toHaveLength(1));
		send("ERROR", { code: 410, reason: "Expired", message: "too old resource version" });
		await vi.waitFor(() => expect(watches).toHaveLength(2));
		expect(keys()).toEqual(["shop/b", "shop/c"]);
		expect(server.requests.at(-1)).toContain("resourceVersion=50");
	});

	it("keeps what it has, ages, and comes back after the connection broke", async () => {
		lists = [list("5", ["a"])];
		reflector.start();
		await vi.waitFor(() => expect(watches).toHaveLength(1));
		watches[0]?.destroy();
		await vi.waitFor(() => expect(reflector.ageSeconds()).toBeGreaterThan(0));
		expect(keys()).toEqual(["shop/a"]);
		await vi.waitFor(() => expect(watches).toHaveLength(2), 3000);
		expect(reflector.ageSeconds()).toBe(0);
	});

	it("is infinitely old before the first list", () => {
		expect(reflector.ageSeconds()).toBe(Number.POSITIVE_INFINITY);
		expect(reflector.ready).toBe(false);
	});
});
