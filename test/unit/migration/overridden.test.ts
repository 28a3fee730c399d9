import { beforeEach, describe, expect, it } from "vitest";
import { HOSTNAME_KEY } from "../../../src/core/cluster/node.ts";
import { MINUTE, scheduling } from "../cluster-core/builders.ts";
import { ApiServer } from "./api-server.ts";
import { look } from "./observing.ts";

let server: ApiServer;

beforeEach(() => {
	server = new ApiServer();
});

describe("a move whose annotation stays while somebody changes its nodeSelector", () => {
	it.each<[string, Record<string, string>]>([
		["dropped", {}],
		["set to another node", { [HOSTNAME_KEY]: "c" }],
	])("claims no success when only the nodeSelector was %s", (_title, nodeSelector) => {
		look(server, 0);
		server.rollOut();
		look(server, MINUTE);
		const { template } = server.workload;
		server.changeWorkload({ template: { ...template, scheduling: scheduling({ nodeSelector }) } });
		look(server, 6 * MINUTE, { measured: () => 60 });
		expect(server.state()).toBe("Failed Overwritten");
		expect(server.selector()).toBe(nodeSelector[HOSTNAME_KEY]);
	});

	it("does not patch again what somebody changed before the rollout was seen", () => {
		look(server, 0);
		const { template } = server.workload;
		server.changeWorkload({ template: { ...template, scheduling: scheduling() } });
		look(server, 1);
		expect(server.state()).toBe("Failed Overwritten");
		expect(server.countOf("PinWorkload")).toBe(1);
	});
});
