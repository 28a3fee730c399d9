import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	encodePlacement,
	PLACEMENT_KEY,
	PREVIOUS_PLACEMENT_KEY,
	pinOf,
	placementOf,
	previousPlacementOf,
	previousPlacementText,
} from "../../../src/core/migration/annotations.ts";
import { scheduling, workload } from "../cluster-core/builders.ts";

const record = { domain: "b", predicted: 0.25, policy: "latency", observedAt: "2026-11-24T12:00:00Z", migration: "m1" };

describe("placement", () => {
	it("comes back as it was written", () => {
		expect(placementOf({ [PLACEMENT_KEY]: encodePlacement(record) })).toEqual(record);
		const previous = { topologyKey: "zone", value: null };
		expect(previousPlacementOf({ [PREVIOUS_PLACEMENT_KEY]: previousPlacementText(previous) })).toEqual(previous);
	});

	it("is nothing where it is absent or garbage", () => {
		expect(placementOf({})).toBeUndefined();
		for (const text of ["", "{", "null", "[]", "1", '{"policy":1}', '{"domain":"b"}', '{"policy":"p"}']) {
			expect(placementOf({ [PLACEMENT_KEY]: text })).toBeUndefined();
			expect(previousPlacementOf({ [PREVIOUS_PLACEMENT_KEY]: text })).toBeUndefined();
		}
	});

	it("never throws, and drops fields of the wrong type", () => {
		fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void placementOf({ [PLACEMENT_KEY]: text })));
		const strange = { ...record, domain: 7, predicted: "low", migration: null };
		expect(placementOf({ [PLACEMENT_KEY]: JSON.stringify(strange) })).toEqual({
			policy: record.policy,
			observedAt: record.observedAt,
		});
	});
});

describe("our pin", () => {
	function pinned(selected: string | undefined, annotations: Record<string, string>) {
		const nodeSelector: Record<string, string> = selected === undefined ? {} : { zone: selected };
		const template = {
			labels: {},
			annotations: { [PLACEMENT_KEY]: encodePlacement(record) },
			scheduling: scheduling({ nodeSelector }),
		};
		return pinOf(workload("web", { annotations, template }));
	}
	const remembered = { [PREVIOUS_PLACEMENT_KEY]: previousPlacementText({ topologyKey: "zone", value: "old" }) };

	it("stands while both annotations and the selector agree", () => {
		expect(pinned("b", remembered)).toMatchObject({ topologyKey: "zone", domain: "b", restore: "old" });
	});

	it("is the user's once one of them differs", () => {
		expect(pinned("c", remembered)).toBeUndefined();
		expect(pinned(undefined, remembered)).toBeUndefined();
		expect(pinned("b", {})).toBeUndefined();
	});
});
