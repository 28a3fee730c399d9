import { describe, expect, it } from "vitest";
import { parseMetrics, sumOf } from "./harness/metrics-text.ts";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import { placementOf, running } from "./harness/workloads.ts";

const stage = useStage({
	nodes: [{ name: "node-1" }, { name: "node-2" }],
	world: { nodes: { "node-1": { background: 1 }, "node-2": { background: 5 } }, apps: {} },
});

/** `timeoutSeconds` of the webhook in manifests/. */
const WEBHOOK_TIMEOUT_MS = 2_000;
/** What else a creation may take on a busy machine. */
const SLACK_MS = 1_500;

function pod(name: string): object {
	return {
		apiVersion: "v1",
		kind: "Pod",
		metadata: { name },
		spec: { containers: [{ name: "app", image: "example.invalid/app" }] },
	};
}

/** How often the API server went on without the webhook's answer. */
async function failedOpen(): Promise<number> {
	const samples = parseMetrics(await stage.api.text("/metrics"));
	return sumOf(samples, "apiserver_admission_webhook_fail_open_count", { name: "placement.kubectl-qos.dev" });
}

async function millisecondsToCreate(name: string): Promise<number> {
	const start = performance.now();
	await stage.api.create("Pod", "shop", pod(name));
	return performance.now() - start;
}

/** A Deployment comes up unplaced, single pods within the webhook's timeout, and the API server counts it. */
async function expectOpen(name: string): Promise<void> {
	const before = await failedOpen();
	expect(await millisecondsToCreate(`${name}-bare`)).toBeLessThan(WEBHOOK_TIMEOUT_MS + SLACK_MS);
	await stage.apply(deployment({ namespace: "shop", name, replicas: 2 }));
	const pods = await running(stage, "shop", name, 2);
	expect(pods.map(placementOf)).toEqual([undefined, undefined]);
	expect(pods.map(({ spec }) => spec.nodeSelector)).toEqual([undefined, undefined]);
	expect(await failedOpen()).toBe(before + 3);
}

async function expectPlaced(name: string): Promise<void> {
	const before = await failedOpen();
	await stage.apply(deployment({ namespace: "shop", name }));
	const [placed] = await running(stage, "shop", name);
	expect(placed && placementOf(placed)?.domain).toBe("node-1");
	expect(await failedOpen()).toBe(before);
}

describe("pods are created without the controller", () => {
	it("placed while it runs", async () => {
		await stage.apply(namespace("shop"), policy("shop"));
		await expectPlaced("before");
	});

	it("unchanged and in time while it hangs, and placed once it goes on", async () => {
		stage.controllers[0]?.signal("SIGSTOP");
		try {
			await expectOpen("frozen");
		} finally {
			stage.controllers[0]?.signal("SIGCONT");
		}
		await stage.controllers[0]?.ready();
		await expectPlaced("thawed");
	});

	it("unchanged and at once while it is gone, and placed by the next one", async () => {
		await stage.controllers[0]?.kill();
		await expectOpen("down");
		expect(await millisecondsToCreate("quick")).toBeLessThan(1_000);
		await stage.restart();
		await expectPlaced("after");
	});
});
