import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { createDecide } from "../../../src/webhook/decide.ts";
import { type Decide, type MutateOptions, mutate } from "../../../src/webhook/mutate.ts";
import { readReview } from "../../../src/webhook/review.ts";
import { HOSTNAME, newPlacer, registryOf, viewOf } from "../admission/world.ts";
import { headroomModels } from "../prediction/world.ts";
import { review } from "./reviews.ts";

const POD = {
	metadata: {
		generateName: "cart-",
		labels: { app: "cart", "pod-template-hash": "1a2b" },
		annotations: { note: "" },
		ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "cart-1a2b", controller: true }],
	},
	spec: {
		containers: [
			{ name: "app", resources: { requests: { cpu: "500m" }, limits: { cpu: "1" } }, ports: [{ hostPort: 1 }] },
		],
		nodeSelector: { tier: "edge" },
		tolerations: [{ key: "a", operator: "Exists", tolerationSeconds: 3 }],
		affinity: {
			nodeAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: {
					nodeSelectorTerms: [{ matchExpressions: [{ key: "tier", operator: "In", values: ["edge"] }] }],
				},
				preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: {} }],
			},
		},
		topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" }],
		volumes: [{ name: "v", emptyDir: {} }],
	},
};

const errors: unknown[] = [];
const places: string[] = [];
const logger = { info() {}, warn() {}, debug() {}, error: (fields: unknown) => errors.push(fields) };

let options: MutateOptions;
beforeAll(async () => {
	const models = registryOf(await headroomModels());
	// A new world for every pod: what is admitted takes room.
	const decide: Decide = (pod, request) => {
		const view = () => viewOf({ a: { cpu: 1 }, b: { cpu: 3, labels: { [HOSTNAME]: "b", tier: "edge" } } }, models);
		return createDecide({ placer: newPlacer(), view })(pod, request);
	};
	const telemetry = { admissions: { inc: ({ result }: { result: string }) => places.push(result) } };
	options = { decide, telemetry, logger } as unknown as MutateOptions;
});

/** Where something stands in a pod. */
function paths(value: unknown, path: readonly string[] = []): (readonly string[])[] {
	const below = typeof value === "object" && value !== null ? Object.entries(value) : [];
	return [path, ...below.flatMap(([key, part]) => paths(part, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
	if (key === undefined) return by;
	if (Array.isArray(value))
		return value.map((part, index) => (String(index) === key ? replaced(part, rest, by) : part));
	const object = value as Record<string, unknown>;
	return { ...object, [key]: replaced(object[key], rest, by) };
}

const odd = fc.oneof(
	fc.jsonValue(),
	fc.constantFrom(null, "", -1, 1e308, "99999999999999999999E", "-5", "NaN", [], {}, [null], "💥", "\ud800"),
);

it("whatever stands in a pod, it is admitted, within one line, and nothing goes wrong in here", async () => {
	await fc.assert(
		fc.asyncProperty(fc.constantFrom(...paths(POD)), odd, async (path, value) => {
			const request = readReview(JSON.parse(JSON.stringify(review({ object: replaced(POD, path, value) }))));
			if ("problem" in request) throw new Error(request.problem);
			const { response } = await mutate(request, 1000, options);
			expect(response.allowed).toBe(true);
			for (const warning of response.warnings ?? []) expect(warning).toMatch(/^[^\n]+$/);
		}),
		{ numRuns: 500 },
	);
	expect(errors).toEqual([]);
	// Some of it is placed all the same, or nothing was tried.
	expect(places.filter((result) => result === "applied").length).toBeGreaterThan(50);
});

it("whatever is no review is told so in one line", () => {
	fc.assert(
		fc.property(fc.constantFrom(...paths(review())), odd, (path, value) => {
			const request = readReview(JSON.parse(JSON.stringify(replaced(review(), path, value) ?? null)));
			if ("problem" in request) expect(request.problem).toMatch(/^[^\n]+$/);
		}),
		{ numRuns: 500 },
	);
});
