import { expect, it } from "vitest";
import { subjectOf } from "../../../src/core/evaluation/subject.ts";
import { cluster, node, pod, policy, workload } from "../cluster-core/builders.ts";

const MINUTE = 60_000;

/** Pods by creation and readiness, in minutes. */
function settledSince(...pods: readonly { readonly created: number; readonly ready?: number }[]): number | undefined {
	const web = workload("web");
	const running = pods.map(({ created, ready }, index) =>
		pod(`web-${index}`, {
			nodeName: "a",
			workload: web.key,
			createdAt: created * MINUTE,
			readySince: ready === undefined ? undefined : ready * MINUTE,
		}),
	);
	const state = cluster({ nodes: [node("a")], pods: running, workloads: [web] });
	const settled = subjectOf({ workload: web, policy: policy(), conflicting: [] }, state).settledSince;
	return settled === undefined ? undefined : settled / MINUTE;
}

it("is settled since the newest of its pods began to serve", () => {
	expect(settledSince()).toBeUndefined();
	expect(settledSince({ created: 3 })).toBe(3);
	expect(settledSince({ created: 3, ready: 5 })).toBe(5);
	expect(settledSince({ created: 1, ready: 9 }, { created: 3, ready: 5 })).toBe(9);
});

it("is not unsettled by a pod that is ready again after a while", () => {
	expect(settledSince({ created: 3, ready: 300 })).toBe(3);
});
