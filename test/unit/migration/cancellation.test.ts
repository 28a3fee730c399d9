import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_TIMING } from "../../../src/core/migration/observation.ts";
import { MINUTE } from "../cluster-core/builders.ts";
import { ApiServer } from "./api-server.ts";
import { afterwards, look, rolledOut } from "./observing.ts";

let server: ApiServer;

beforeEach(() => {
	server = new ApiServer();
});

describe("a move that somebody cancels", () => {
	it("is not begun while it is pending", () => {
		server.cancel("jane");
		look(server, 0);
		expect(server.state()).toBe("Rejected Cancelled");
		expect(server.migration.status).toMatchObject({ message: "cancelled by jane", completedAt: 0 });
		expect(server.countOf("PinWorkload")).toBe(0);
	});

	it("is undone while it rolls out: the template is what it was", () => {
		look(server, 0);
		look(server, 1);
		server.cancel("jane");
		look(server, 2);
		expect(server.state()).toBe("Rolling Cancelled");
		expect(server.selector()).toBeUndefined();
		expect(server.workload.annotations).toEqual({});
		look(server, 3);
		expect(server.state()).toBe("Reverted Cancelled");
		expect(server.countOf("ReleaseWorkload")).toBe(1);
	});

	it("goes back where it came from once it has rolled out", () => {
		rolledOut(server);
		server.cancel("jane");
		look(server, 2 * MINUTE);
		look(server, 2 * MINUTE + 1);
		expect(server.state()).toBe("Reverted Cancelled");
		expect(server.selector()).toBe("a");
	});

	it("waits for a patch that may have been made, and makes none itself", () => {
		look(server, 0, { limit: 1 });
		server.cancel("jane");
		look(server, 1000);
		expect(server.state()).toBe("Rolling Patching");
		look(server, DEFAULT_TIMING.patch + 1);
		expect(server.state()).toBe("Rejected Cancelled");
		expect(server.countOf("PinWorkload")).toBe(0);
	});

	it("is what it was when it is over already", () => {
		rolledOut(server);
		look(server, 6 * MINUTE, { measured: afterwards(62) });
		server.cancel("jane");
		look(server, 7 * MINUTE);
		expect(server.state()).toBe("Succeeded AsPromised");
		expect(server.selector()).toBe("b");
	});
});
