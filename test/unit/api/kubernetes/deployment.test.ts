import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDeployment, rolloutStrategy } from "../../../../src/api/kubernetes/deployment.ts";
import { selects } from "../../../../src/core/cluster/selectors.ts";
import { read } from "./read.ts";

function strategy(maxSurge: number | string, maxUnavailable: number | string) {
	return { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } } as const;
}

describe("rolloutStrategy", () => {
	it.each([
		["25%", "25%", 1, 1, 0],
		["25%", "25%", 10, 3, 2],
		["0%", "25%", 1, 0, 1],
		[0, "10%", 5, 0, 1],
		[1, 0, 3, 1, 0],
		[2, 5, 3, 2, 3],
		["100%", "100%", 4, 4, 4],
	])(
		"resolves surge %s and unavailable %s of %i replicas to %i and %i",
		(...[surge, unavailable, replicas, maxSurge, maxUnavailable]) => {
			expect(rolloutStrategy(strategy(surge, unavailable), replicas)).toEqual({
				type: "RollingUpdate",
				maxSurge,
				maxUnavailable,
			});
		},
	);

	it("takes every replica away at once to recreate them", () => {
		expect(rolloutStrategy({ type: "Recreate", rollingUpdate: null }, 3)).toEqual({
			type: "Recreate",
			maxSurge: 0,
			maxUnavailable: 3,
		});
	});

	it("can always proceed", () => {
		const percent = fc.integer({ min: 0, max: 100 }).map((share) => `${share}%`);
		fc.assert(
			fc.property(percent, percent, fc.integer({ min: 1, max: 1000 }), (surge, unavailable, replicas) => {
				const resolved = rolloutStrategy(strategy(surge, unavailable), replicas);
				expect(resolved.maxSurge + resolved.maxUnavailable).toBeGreaterThan(0);
			}),
		);
	});
});

describe("parseDeployment", () => {
	const rolledOut = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

	function deployment(status?: object) {
		return read(parseDeployment, {
			metadata: { namespace: "shop", name: "api", uid: "u", resourceVersion: "9", generation: 2 },
			spec: { replicas: 2, template: { metadata: { labels: { app: "api" } }, spec: { containers: [] } } },
			status,
		});
	}

	it("reads a new one", () => {
		expect(deployment()).toMatchObject({
			key: "shop/api",
			resourceVersion: "9",
			replicas: 2,
			paused: false,
			rolledOut: false,
			availableReplicas: 0,
			progressDeadlineExceeded: false,
			strategy: { type: "RollingUpdate", maxSurge: 1, maxUnavailable: 0 },
			template: { labels: { app: "api" }, annotations: {} },
		});
	});

	it("has a template whose pods are of another revision than any pod yet", () => {
		const labelSelector = { matchLabels: { app: "api" } };
		const constraint = { topologyKey: "zone", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", labelSelector };
		const { template } = read(parseDeployment, {
			metadata: { namespace: "shop", name: "api" },
			spec: {
				template: {
					metadata: { labels: { app: "api" } },
					spec: {
						containers: [],
						topologySpreadConstraints: [{ ...constraint, matchLabelKeys: ["pod-template-hash"] }],
					},
				},
			},
		});
		const selector = template.scheduling.topologySpread[0]?.labelSelector ?? {};
		expect(selects(selector, template.labels)).toBe(true);
		expect(selects(selector, { app: "api", "pod-template-hash": "5d4f" })).toBe(false);
	});

	it.each([
		[{}, true],
		[{ observedGeneration: 1 }, false],
		[{ updatedReplicas: 1 }, false],
		[{ replicas: 3 }, false],
		[{ availableReplicas: 1 }, false],
	])("with status %j is rolled out: %s", (difference, expected) => {
		expect(deployment({ ...rolledOut, ...difference }).rolledOut).toBe(expected);
	});

	it("knows when progress took too long", () => {
		const conditions = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }];
		expect(deployment({ conditions }).progressDeadlineExceeded).toBe(true);
	});
});
