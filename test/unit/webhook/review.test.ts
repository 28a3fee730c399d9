import { describe, expect, test } from "vitest";
import { errored, skipped } from "../../../src/webhook/answers.ts";
import { deadlineMs } from "../../../src/webhook/app.ts";
import { readAdmittedPod, UnreadablePodError } from "../../../src/webhook/pod.ts";
import { readReview } from "../../../src/webhook/review.ts";
import { review } from "./reviews.ts";

describe("reading a review", () => {
	test("takes what the API server sends", () => {
		const object = { metadata: {}, spec: {} };
		expect(readReview(review({ dryRun: true, object }))).toEqual({
			uid: "review-1",
			namespace: "shop",
			dryRun: true,
			createsPod: true,
			object,
		});
	});

	test.each([
		["an update", { operation: "UPDATE" }],
		["a subresource", { subResource: "binding" }],
		["another resource", { resource: { group: "", version: "v1", resource: "configmaps" } }],
		["a namesake of another group", { resource: { group: "metrics.k8s.io", version: "v1", resource: "pods" } }],
	])("%s creates no pod", (_, request) => {
		expect(readReview(review(request))).toMatchObject({ createsPod: false });
	});

	test.each([
		["nothing", undefined, "body: "],
		["an array", [], "body: "],
		["another version", { ...review(), apiVersion: "admission.k8s.io/v1beta1" }, "apiVersion: "],
		["another kind", { ...review(), kind: "Pod" }, "kind: "],
		["no request", { ...review(), request: undefined }, "request: "],
		["no uid", review({ uid: "" }), "request.uid: "],
	])("%s is refused in one line that says where", (_, input, where) => {
		const result = readReview(input);
		expect(result).toHaveProperty("problem");
		const problem = "problem" in result ? result.problem : "";
		expect(problem).toContain(where);
		expect(problem).not.toContain("\n");
	});
});

describe("reading a pod", () => {
	function read(object: unknown) {
		const request = readReview(review({ object }));
		if ("problem" in request) throw new Error(request.problem);
		return readAdmittedPod(request);
	}

	test("finds its Deployment, its owner and the namespace of the request", () => {
		const { pod } = read({
			metadata: {
				generateName: "cart-1a2b-",
				labels: { "pod-template-hash": "1a2b" },
				ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "cart-1a2b", uid: "x", controller: true }],
			},
			spec: { containers: [{ name: "main", resources: { requests: { cpu: "250m" } } }], nodeName: "" },
		});
		expect(pod).toMatchObject({
			uid: "review-1",
			namespace: "shop",
			workload: "shop/cart",
			ownerKind: "ReplicaSet",
			nodeName: undefined,
			scheduling: { requests: { cpu: 0.25 }, schedulerName: "default-scheduler" },
		});
	});

	test("takes the pod's own uid where there is one", () => {
		expect(read({ metadata: { uid: "pod-uid" }, spec: { containers: [] } }).pod.uid).toBe("pod-uid");
	});

	test.each([
		["no metadata", { spec: { containers: [] } }],
		["no spec", { metadata: {} }],
		["a nodeSelector that is none", { metadata: {}, spec: { containers: [], nodeSelector: ["a"] } }],
		["null", null],
	])("%s is refused in one line: a patch might not apply", (_, object) => {
		expect(() => read(object)).toThrow(UnreadablePodError);
		expect(() => read(object)).toThrow(/^the pod is invalid: [^\n]+$/);
	});
});

describe("answers", () => {
	test("warnings are one line of at most 120 characters", () => {
		for (const answer of [skipped("u", "short"), errored("u", `long\n${"x".repeat(300)}`)]) {
			const [warning = ""] = answer.response.warnings ?? [];
			expect(warning.length).toBeLessThanOrEqual(120);
			expect(warning).toMatch(/^kubectl-qos: not placed[^\n]*$/);
			expect(answer.response.allowed).toBe(true);
		}
	});
});

test.each([
	[undefined, 1000],
	["10s", 1000],
	["1s", 800],
	["500ms", 400],
	["0s", 1000],
	["nonsense", 1000],
	[["1s"], 1000],
])("the deadline under timeout=%j is %d ms: below the API server's", (timeout, expected) => {
	expect(deadlineMs(timeout, 1)).toBe(expected);
});
