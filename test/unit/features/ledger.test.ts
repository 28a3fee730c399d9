import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ledger } from "../../../src/core/features/ledger.ts";

const id = fc.constantFrom("a", "b", "c");
const node = fc.constantFrom("n1", "n2");

const step: fc.Arbitrary<(ledger: Ledger) => void> = fc.oneof(
	fc.tuple(id, node).map(([name, where]) => (ledger: Ledger) => {
		ledger.reserve({ id: name, workload: "shop/web", node: where, requests: {}, cpuCores: 1, createdAt: 0 });
	}),
	id.map((name) => (ledger: Ledger) => ledger.release(name)),
	fc.tuple(id, id, node).map(
		([from, to, where]) =>
			(ledger: Ledger) =>
				ledger.transfer(from, { id: to, node: where }),
	),
);

describe("Ledger", () => {
	it("holds on every node what it holds by id, also when one reservation takes another's id", () => {
		fc.assert(
			fc.property(fc.array(step), (steps) => {
				const ledger = new Ledger();
				for (const act of steps) act(ledger);
				for (const name of ["n1", "n2"]) {
					const onNode = [...ledger.reservationsOn(name)];
					const byId = [...ledger.reservations()].filter((reservation) => reservation.node === name);
					expect(new Set(onNode)).toEqual(new Set(byId));
					expect(ledger.cpuCores(name)).toBe(onNode.length);
				}
			}),
		);
	});
});
