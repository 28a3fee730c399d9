import { beforeEach, describe, expect, it } from "vitest";
import { HOSTNAME_KEY } from "../../../src/core/cluster/node.ts";
import { DEFAULT_TIMING } from "../../../src/core/migration/observation.ts";
import { MINUTE } from "../cluster-core/builders.ts";
import { ApiServer } from "./api-server.ts";
import { look, type Measured } from "./observing.ts";

let server: ApiServer;

beforeEach(() => {
	server = new ApiServer();
});

function state(): string {
	const { phase, reason } = server.migration.status;
	return `${phase} ${reason}`;
}

function selector(): string | undefined {
	return server.workload.template.scheduling.nodeSelector[HOSTNAME_KEY];
}

/** Through patch and rollout; the latter is seen at one minute. */
function rolledOut(measured?: Measured): void {
	look(server, 0, measured && { measured });
	server.rollOut();
	look(server, MINUTE, measured && { measured });
}

/** 150 until the move at time 0, `value` from then on. */
function then(value: number | undefined): Measured {
	return (time) => (time <= 0 ? 150 : value);
}

describe("a move that somebody cancels", () => {
	it("is not begun while it is pending", () => {
		server.cancel("jane");
		look(server, 0);
		expect(state()).toBe("Rejected Cancelled");
		expect(server.migration.status).toMatchObject({ message: "cancelled by jane", completedAt: 0 });
		expect(server.countOf("PinWorkload")).toBe(0);
	});

	it("is undone while it rolls out: the template is what it was", () => {
		look(server, 0);
		look(server, 1);
		server.cancel("jane");
		look(server, 2);
		expect(state()).toBe("Rolling Cancelled");
		expect(selector()).toBeUndefined();
		expect(server.workload.annotations).toEqual({});
		look(server, 3);
		expect(state()).toBe("Reverted Cancelled");
		expect(server.countOf("ReleaseWorkload")).toBe(1);
	});

	it("goes back where it came from once it has rolled out", () => {
		rolledOut();
		server.cancel("jane");
		look(server, 2 * MINUTE);
		look(server, 2 * MINUTE + 1);
		expect(state()).toBe("Reverted Cancelled");
		expect(selector()).toBe("a");
	});

	it("waits for a patch that may have been made, and makes none itself", () => {
		look(server, 0, { limit: 1 });
		server.cancel("jane");
		look(server, 1000);
		expect(state()).toBe("Rolling Patching");
		look(server, DEFAULT_TIMING.patch + 1);
		expect(state()).toBe("Rejected Cancelled");
		expect(server.countOf("PinWorkload")).toBe(0);
	});

	it("is what it was when it is over already", () => {
		rolledOut();
		look(server, 6 * MINUTE, { measured: then(62) });
		server.cancel("jane");
		look(server, 7 * MINUTE);
		expect(state()).toBe("Succeeded AsPromised");
		expect(selector()).toBe("b");
	});
});
