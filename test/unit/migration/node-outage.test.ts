import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Node } from "../../../src/core/cluster/node.ts";
import { NodeOutage } from "../../../src/core/migration/node-outage.ts";
import { MINUTE, node } from "../cluster-core/builders.ts";

const SETTLE = MINUTE;

function nodes(ready: number, notReady: number): ReadonlyMap<string, Node> {
	const all = Array.from({ length: ready + notReady }, (_, index) => node(`n${index}`, { ready: index < ready }));
	return new Map(all.map((one) => [one.name, one]));
}

describe("a node that is not ready", () => {
	it("counts as lost at once while most nodes are well", () => {
		const outage = new NodeOutage(60);
		outage.observe(nodes(2, 2), 0);
		expect(outage.allows(0)).toBe(true);
		outage.record(0);
		expect(outage.allows(0)).toBe(true);
	});

	it("does not while none is ready, and has a while to report once one is", () => {
		const outage = new NodeOutage(60);
		outage.observe(nodes(0, 4), 0);
		expect(outage).toMatchObject({ isFull: true });
		expect(outage.allows(10 * MINUTE)).toBe(false);
		outage.observe(nodes(3, 1), 11 * MINUTE);
		expect(outage.isFull).toBe(false);
		expect(outage.allows(11 * MINUTE)).toBe(false);
		outage.observe(nodes(3, 1), 12 * MINUTE);
		expect(outage.allows(12 * MINUTE)).toBe(true);
	});

	it("has a while to report after the API server came back, and no longer when it is looked at again", () => {
		const outage = new NodeOutage(60);
		for (let now = 5 * MINUTE; now < 6 * MINUTE; now += 1000) {
			outage.observe(nodes(3, 1), now, 5 * MINUTE);
			expect(outage.allows(now)).toBe(false);
		}
		outage.observe(nodes(3, 1), 6 * MINUTE, 5 * MINUTE);
		expect(outage.allows(6 * MINUTE)).toBe(true);
	});

	it("is one of many when most nodes are not: then they are let go one by one", () => {
		const outage = new NodeOutage(60);
		let released = 0;
		for (let now = 0; now < 10 * MINUTE; now += 1000) {
			outage.observe(nodes(4, 6), now);
			if (!outage.allows(now)) continue;
			outage.record(now);
			released += 1;
		}
		expect(released).toBe(6);
	});

	it("is not one of many where there are few", () => {
		const outage = new NodeOutage(60);
		outage.observe(nodes(1, 2), 0);
		outage.record(0);
		expect(outage.allows(0)).toBe(true);
	});

	it("is believed lost in the end, whatever the clock did", () => {
		const look = fc.record({ now: fc.nat(1e9), ready: fc.nat(5), notReady: fc.nat(5), ago: fc.nat(1e8) });
		fc.assert(
			fc.property(fc.array(look), fc.nat(1e9), (looks, end) => {
				const outage = new NodeOutage(SETTLE / 1000);
				for (const { now, ready, notReady, ago } of looks) {
					outage.observe(nodes(ready, notReady), now, now - ago);
					if (outage.allows(now)) outage.record(now);
				}
				outage.observe(nodes(3, 1), end);
				outage.observe(nodes(3, 1), end + SETTLE);
				expect(outage.allows(end + SETTLE)).toBe(true);
			}),
		);
	});
});
