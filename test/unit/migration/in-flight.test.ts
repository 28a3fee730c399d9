import { describe, expect, it } from "vitest";
import type { WorkloadKey } from "../../../src/core/cluster/workload.ts";
import { Ledger } from "../../../src/core/features/ledger.ts";
import { reconcileReservations } from "../../../src/core/migration/in-flight.ts";
import type { MigrationStatus } from "../../../src/core/migration/migration.ts";
import { moveReservationId } from "../../../src/core/migration/reservation.ts";
import { cluster, migration, node, policy, scheduling, workload } from "../cluster-core/builders.ts";

const NOW = 1_000_000;
const STEP_SECONDS = 2;
const WEB: WorkloadKey = "shop/web";

interface World {
	/** Seconds ago that the move was planned by this process; absent: it does not know of it. */
	readonly planned?: number;
	readonly statuses?: readonly Partial<MigrationStatus>[];
}

/** The CPU that the ledger has on its way to node b, in cores. */
function reserved({ planned, statuses = [] }: World): number {
	const ledger = new Ledger();
	if (planned !== undefined) {
		const createdAt = NOW - planned * 1000;
		ledger.reserve({ id: moveReservationId(WEB), workload: WEB, node: "b", requests: {}, cpuCores: 0.3, createdAt });
	}
	const migrations = statuses.map((status, index) => migration(`move-${index}`, { workload: WEB, to: "b", status }));
	const web = workload("web", {
		template: { labels: {}, annotations: {}, scheduling: scheduling({ requests: { cpu: 0.5 } }) },
	});
	const state = cluster({ nodes: [node("a"), node("b")], workloads: [web], policies: [policy()], migrations });
	reconcileReservations({ cluster: state, ledger, stepSeconds: STEP_SECONDS, now: NOW });
	return ledger.cpuCores("b");
}

const rolledOut = (seconds: number) => ({ phase: "Verifying", to: "b", rolledOutAt: NOW - seconds * 1000 }) as const;

describe("the load of a move on its way", () => {
	it("counts from the plan on, and for half a minute when nothing comes of it", () => {
		expect(reserved({ planned: 5 })).toBe(0.3);
		expect(reserved({ planned: 31 })).toBe(0);
	});

	it("counts while it rolls out, however long, and until measurements show it", () => {
		expect(reserved({ planned: 300, statuses: [{ phase: "Rolling", to: "b" }] })).toBe(0.3);
		expect(reserved({ planned: 300, statuses: [rolledOut(3)] })).toBe(0.3);
	});

	it("no longer counts as soon as they do, lest it count twice", () => {
		expect(reserved({ planned: 12, statuses: [rolledOut(5)] })).toBe(0);
	});

	it("is taken to be what is requested after a restart", () => {
		expect(reserved({ statuses: [{ phase: "Rolling", to: "b" }] })).toBe(0.5);
		expect(reserved({ statuses: [rolledOut(5)] })).toBe(0);
	});

	it("counts though an earlier move of the workload is over", () => {
		const over = { phase: "Succeeded", to: "b", rolledOutAt: NOW - 400_000 } as const;
		expect(reserved({ planned: 5, statuses: [over] })).toBe(0.3);
	});
});
