import fc from "fast-check";
import { applyPatch } from "rfc6902";
import { describe, expect, test } from "vitest";
import type { PlacementDecision } from "../../../src/core/admission/placement.ts";
import { PLACEMENT_KEY } from "../../../src/core/migration/annotations.ts";
import { placementPatch } from "../../../src/webhook/patch.ts";
import { readAdmittedPod } from "../../../src/webhook/pod.ts";

type Place = Extract<PlacementDecision, { kind: "Place" }>;

const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

function place(more: Partial<Place> = {}): Place {
	return {
		kind: "Place",
		topologyKey: "kubernetes.io/hostname",
		domain: "node-1",
		node: "node-1",
		enforcement: "Required",
		record: { domain: "node-1", predicted: 0.1, policy: "fast", observedAt: "2026-01-01T00:00:00Z" },
		...more,
	};
}

interface WirePod {
	metadata: { annotations?: Record<string, string> | null; [other: string]: unknown };
	spec: { nodeSelector?: Record<string, string> | null; affinity?: Affinity | null; [other: string]: unknown };
}

interface Affinity {
	nodeAffinity?: { [PREFERRED]?: unknown[] | null; [other: string]: unknown } | null;
	[other: string]: unknown;
}

function patched(pod: WirePod, decision: Place): WirePod {
	const request = { uid: "u", namespace: "shop", dryRun: false, createsPod: true, object: pod };
	const operations = placementPatch(decision, readAdmittedPod(request).shape);
	const copy = structuredClone(pod);
	const failures = applyPatch(copy, [...operations]).filter((failure) => failure !== null);
	expect(failures).toEqual([]);
	return copy;
}

const key = fc.constantFrom("tier", "a/b", "a~b", "a~1b", "example.com/x~y", "kubernetes.io/os", "__proto__x", "");
const strings = fc.dictionary(key, fc.string());
const term = fc.record({
	weight: fc.integer({ min: 1, max: 100 }),
	preference: fc.record({
		matchExpressions: fc.array(fc.record({ key, operator: fc.constant("Exists") }), { maxLength: 2 }),
	}),
});
const affinity = fc.record(
	{
		podAntiAffinity: fc.constant({}),
		nodeAffinity: fc.option(
			fc.record(
				{
					[PREFERRED]: fc.option(fc.array(term, { maxLength: 3 })),
					requiredDuringSchedulingIgnoredDuringExecution: fc.constant({ nodeSelectorTerms: [] }),
				},
				{ requiredKeys: [] },
			),
		),
	},
	{ requiredKeys: [] },
);
const wirePod = fc.record({
	apiVersion: fc.constant("v1"),
	metadata: fc.record(
		{ generateName: fc.constant("cart-"), annotations: fc.option(strings), labels: strings },
		{ requiredKeys: [] },
	),
	spec: fc.record(
		{
			containers: fc.constant([{ name: "main", image: "cart:1", env: [{ name: "TOKEN", value: "secret" }] }]),
			nodeSelector: fc.option(strings),
			affinity: fc.option(affinity),
		},
		{ requiredKeys: ["containers"] },
	),
}) as fc.Arbitrary<WirePod>;
const topologyKey = fc.constantFrom("kubernetes.io/hostname", "topology.kubernetes.io/zone", "odd~key/with~1all");

describe("property: the patch applies to any pod, sets what it should, and touches nothing else", () => {
	test("Required", () => {
		fc.assert(
			fc.property(wirePod, topologyKey, (pod, topologyKey) => {
				const decision = place({ topologyKey });
				const result = patched(pod, decision);
				expect(result.spec.nodeSelector).toEqual({ ...pod.spec.nodeSelector, [topologyKey]: "node-1" });
				expect(result.metadata.annotations).toEqual({
					...pod.metadata.annotations,
					[PLACEMENT_KEY]: JSON.stringify(decision.record),
				});
				expect(withoutChanged(result)).toEqual(withoutChanged(pod));
				expect(result.spec.affinity).toEqual(pod.spec.affinity);
			}),
		);
	});

	test("Preferred", () => {
		fc.assert(
			fc.property(wirePod, topologyKey, (pod, topologyKey) => {
				const result = patched(pod, place({ topologyKey, enforcement: "Preferred" }));
				const before = pod.spec.affinity?.nodeAffinity?.[PREFERRED] ?? [];
				const expected = {
					weight: 100,
					preference: { matchExpressions: [{ key: topologyKey, operator: "In", values: ["node-1"] }] },
				};
				expect(result.spec.affinity?.nodeAffinity?.[PREFERRED]).toEqual([...before, expected]);
				expect(result.spec.nodeSelector).toEqual(pod.spec.nodeSelector);
				expect(withoutChanged(result)).toEqual(withoutChanged(pod));
				expect(withoutPreferred(result.spec.affinity)).toEqual(withoutPreferred(pod.spec.affinity));
			}),
		);
	});
});

function withoutChanged({ metadata, spec }: WirePod) {
	const { annotations: _, ...otherMetadata } = metadata;
	const { nodeSelector: __, affinity: ___, ...otherSpec } = spec;
	return { metadata: otherMetadata, spec: otherSpec };
}

function withoutPreferred(affinity: Affinity | null | undefined) {
	const { nodeAffinity, ...others } = affinity ?? {};
	const { [PREFERRED]: _, ...otherNodeAffinity } = nodeAffinity ?? {};
	return { others, otherNodeAffinity };
}

test("an answered pod that comes in again is recognised, whichever way it was placed", () => {
	for (const enforcement of ["Required", "Preferred"] as const) {
		const result = patched({ metadata: {}, spec: { containers: [] } }, place({ enforcement }));
		const request = { uid: "u", namespace: "shop", dryRun: false, createsPod: true, object: result };
		const { pod } = readAdmittedPod(request);
		expect(pod.annotations[PLACEMENT_KEY]).toContain("node-1");
		const carries =
			enforcement === "Required" ? pod.scheduling.nodeSelector : pod.preferredNodeAffinity[0]?.matchExpressions;
		expect(JSON.stringify(carries)).toContain("node-1");
	}
});
