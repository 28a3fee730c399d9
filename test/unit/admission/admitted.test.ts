import { describe, expect, test } from "vitest";
import { AdmittedPods } from "../../../src/core/admission/admitted.ts";
import { PLACEMENT_KEY } from "../../../src/core/migration/annotations.ts";
import type { ModelRegistry } from "../../../src/core/model/model.ts";
import { boundPod, HOSTNAME, incoming, measure, NOW, scheduling, type TestView, viewOf } from "./world.ts";

const noModels: ModelRegistry = { resolve: () => ({ refused: true, reason: "NotFound", message: "none" }) };
/** A pod that looks at what is around it: stand-ins matter to it. */
const apart = {
	scheduling: scheduling({
		podAntiAffinity: [{ topologyKey: HOSTNAME, labelSelector: {}, namespaces: [], namespaceSelector: undefined }],
	}),
};

const STEP_MS = 30_000;

function admitted(view: TestView, uid = "review-1", node = "a"): AdmittedPods {
	const pods = new AdmittedPods();
	pods.reserve(incoming({ uid, ...apart }), { node, cpuCores: 0.5 }, view);
	return pods;
}

function at(view: TestView, milliseconds: number): TestView {
	return { ...view, now: NOW + milliseconds };
}

function reserved(view: TestView): string[] {
	return [...view.ledger.reservations()].map(({ id, node }) => `${id} on ${node}`);
}

describe("from the review to the pod", () => {
	test("a reservation is tied to the pod that came of it, and its stand-in goes", () => {
		const view = viewOf({ a: { cpu: 1 } }, noModels);
		const pods = admitted(view);
		expect(pods.within(view.cluster, apart).podsByNode.get("a")?.size).toBe(1);
		view.cluster.add(boundPod("pod-1", "a"));
		pods.settle(view);
		expect(reserved(view)).toEqual(["pod-1 on a"]);
		expect([...(pods.within(view.cluster, apart).podsByNode.get("a") ?? [])].map(({ uid }) => uid)).toEqual(["pod-1"]);
	});

	test("it follows a pod that the scheduler sent elsewhere", () => {
		const view = viewOf({ a: { cpu: 1 }, b: { cpu: 1 } }, noModels);
		const pods = admitted(view);
		view.cluster.add(boundPod("pod-1", "b"));
		pods.sweep(view);
		expect(reserved(view)).toEqual(["pod-1 on b"]);
	});

	test("older pods and pods on their way out are not what it came to", () => {
		const view = viewOf({ a: { cpu: 1 } }, noModels);
		const pods = admitted(view);
		view.cluster.add(boundPod("older", "a", { createdAt: NOW - 60_000 }));
		view.cluster.add(boundPod("leaving", "a", { terminating: true }));
		pods.sweep(view);
		expect(reserved(view)).toEqual(["review-1 on a"]);
	});

	test("a pod that was never created is forgotten, one that waits for the scheduler is not", () => {
		const view = viewOf({ a: { cpu: 1 } }, noModels);
		const pods = admitted(view, "review-1");
		pods.reserve(incoming({ uid: "review-2", ...apart }), { node: "a", cpuCores: 0.5 }, view);
		view.cluster.add(boundPod("pod-2", "", { nodeName: undefined, phase: "Pending", ready: false }));
		pods.sweep(at(view, 29_000));
		expect(reserved(view)).toHaveLength(2);
		pods.sweep(at(view, 31_000));
		expect(reserved(view)).toEqual(["review-2 on a"]);
		expect(pods.within(view.cluster, apart).podsByNode.get("a")?.size).toBe(1);
	});
});

test("a clock that is set back makes no reservation outlive what it stands for", () => {
	const hour = 60 * 60_000;
	const view = viewOf({ a: { cpu: 1 } }, noModels);
	const pods = new AdmittedPods();
	pods.reserve(incoming({ uid: "never", ...apart }), { node: "a", cpuCores: 0.5 }, at(view, hour));
	pods.sweep(at(view, STEP_MS));
	expect(reserved(view)).toEqual([]);

	pods.reserve(incoming({ uid: "came", ...apart }), { node: "a", cpuCores: 0.5 }, view);
	view.cluster.add(boundPod("pod-1", "a"));
	pods.sweep(view);
	pods.release(at(view, hour / 12));
	pods.release(view);
	measure(view.metrics, "a", 1.5, NOW + STEP_MS);
	pods.release(at(view, STEP_MS));
	expect(reserved(view)).toEqual([]);
});

describe("from the pod to its measurement", () => {
	function runningPod() {
		const view = viewOf({ a: { cpu: 1 } }, noModels);
		const pods = admitted(view);
		const pod = boundPod("pod-1", "a", { ready: false });
		view.cluster.add(pod);
		pods.settle(view);
		return { view, pods, pod };
	}

	test("it stands until the node was measured a full step after the pod became Ready", () => {
		const { view, pods, pod } = runningPod();
		measure(view.metrics, "a", 1.5, NOW + STEP_MS);
		pods.release(at(view, STEP_MS));
		expect(reserved(view)).toHaveLength(1);

		view.cluster.remove(pod);
		view.cluster.add({ ...pod, ready: true });
		pods.release(at(view, STEP_MS + 1000));
		measure(view.metrics, "a", 1.5, NOW + 2 * STEP_MS);
		pods.release(at(view, 2 * STEP_MS));
		expect(reserved(view)).toHaveLength(1);

		measure(view.metrics, "a", 1.5, NOW + 3 * STEP_MS);
		pods.release(at(view, 3 * STEP_MS));
		expect(reserved(view)).toEqual([]);
		pods.adopt(at(view, 3 * STEP_MS));
		expect(reserved(view)).toEqual([]);
	});

	test("it goes with its pod", () => {
		const { view, pods, pod } = runningPod();
		view.cluster.remove(pod);
		pods.release(view);
		expect(reserved(view)).toEqual([]);
	});

	test("it does not outlive ten minutes, whatever is measured", () => {
		const { view, pods } = runningPod();
		pods.release(at(view, 599_000));
		expect(reserved(view)).toHaveLength(1);
		pods.release(at(view, 601_000));
		expect(reserved(view)).toEqual([]);
	});
});

test("pods that another replica placed lately are taken over, once; others are not", () => {
	const view = viewOf({ a: { cpu: 1 } }, noModels);
	const record = { domain: "a", policy: "fast", observedAt: "2026-01-01T00:00:00Z" };
	const annotations = { [PLACEMENT_KEY]: JSON.stringify(record) };
	const moved = { [PLACEMENT_KEY]: JSON.stringify({ ...record, migration: "cart-1" }) };
	view.cluster.add(boundPod("moved", "a", { annotations: moved }));
	view.cluster.add(boundPod("placed", "a", { annotations }));
	view.cluster.add(boundPod("old", "a", { annotations, createdAt: NOW - 121_000 }));
	view.cluster.add(boundPod("unplaced", "a"));
	const pods = new AdmittedPods();
	pods.adopt(view);
	pods.adopt(view);
	expect(reserved(view)).toEqual(["placed on a"]);
	expect(view.ledger.cpuCores("a")).toBe(0.5);
});
