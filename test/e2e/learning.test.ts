import { describe, expect, it } from "vitest";
import { z } from "zod";
import { CONTROLLER_NAMESPACE } from "./harness/installation.ts";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import { reportThat } from "./harness/workloads.ts";

const stage = useStage({
	nodes: [{ name: "node-1" }, { name: "node-2" }],
	world: {
		nodes: { "node-1": { background: 1 }, "node-2": { background: 4 } },
		apps: { web: { serviceTime: "20ms", arrivalRate: 20 } },
	},
});

const WEB = ["shop", "web"] as const;
const POLICY = { namespace: "shop", policy: "fast" };

/** Width of the 90 % interval where the app is, over its middle. */
async function width(since = 0): Promise<number> {
	const { nodes, current } = await reportThat(stage, WEB, "a prediction for where it is", (status) => {
		const here = status.nodes?.find(({ name }) => name === status.current?.node);
		return here?.predicted !== undefined && Date.parse(status.observedAt ?? "") > since;
	});
	const predicted = nodes?.find(({ name }) => name === current?.node)?.predicted;
	if (!predicted) throw new Error("no prediction");
	return (predicted.upper - predicted.lower) / predicted.value;
}

function stored(): Promise<string> {
	return stage.cluster.kubectl(["get", "configmap", "kubectl-qos-learned", "-n", CONTROLLER_NAMESPACE, "-o", "json"]);
}

const storedSchema = z.object({ data: z.object({ "learned.json": z.string() }) });

describe("learning from what came of predictions", () => {
	let modelWidth = Number.NaN;

	it("narrows intervals that are too wide, and exports error and coverage by policy", async () => {
		await stage.apply(namespace("shop"), policy("shop"), deployment({ namespace: "shop", name: "web" }));
		modelWidth = await width();
		await stage.waitUntil(
			"forty predictions followed up",
			async () => ((await stage.metric("kubectl_qos_prediction_error_ratio_count", POLICY)) >= 40 ? true : undefined),
			90_000,
		);
		const coverage = await stage.metric("kubectl_qos_interval_coverage_ratio", POLICY);
		expect(coverage).toBeGreaterThan(0.6);
		expect(coverage).toBeLessThanOrEqual(1);
		expect(await width()).toBeLessThan(0.7 * modelWidth);
	});

	it("is kept over a restart", async () => {
		await stage.controllers[0]?.stop();
		const content = storedSchema.parse(JSON.parse(await stored())).data["learned.json"];
		expect(content).toContain('"shop/web"');
		const restarted = Date.now();
		await stage.restart();
		// No horizon has passed since: what is narrow is what was learned before.
		expect(await width(restarted)).toBeLessThan(0.8 * modelWidth);
	});
});
