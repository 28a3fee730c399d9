import { describe, expect, it } from "vitest";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import { HOSTNAME, nextPodOf, nodeOf, placementOf, running } from "./harness/workloads.ts";

const BUSY = ["busy-1", "busy-2", "busy-3"];

/** By requests `quiet` is the fullest node, by load the emptiest: what a scheduler cannot know. */
const stage = useStage({
	nodes: [{ name: "quiet" }, ...BUSY.map((name) => ({ name, labels: { tier: "busy" } }))],
	world: {
		nodes: {
			quiet: { background: 0.5 },
			"busy-1": { background: 6 },
			"busy-2": { background: 6 },
			"busy-3": { background: 6 },
		},
		apps: { web: { serviceTime: "20ms", arrivalRate: 20 } },
	},
});

const NODE_COUNT = 1 + BUSY.length;

function applied(enforcement: "Required" | "Preferred"): Promise<number> {
	return stage.metric("kubectl_qos_admission_total", { result: "applied", reason: enforcement });
}

describe("placement at admission", () => {
	it("sends a pod where its predicted QoS is best, which the scheduler alone does not", async () => {
		await stage.apply(
			namespace("shop"),
			namespace("plain", {}),
			policy("shop"),
			deployment({ namespace: "plain", name: "ballast", cpu: "5", podSpec: { nodeSelector: { [HOSTNAME]: "quiet" } } }),
		);
		await running(stage, "plain", "ballast");
		const before = await applied("Required");
		await stage.apply(deployment({ namespace: "shop", name: "web" }), deployment({ namespace: "plain", name: "web" }));
		const [[placed], [scheduled]] = await Promise.all([running(stage, "shop", "web"), running(stage, "plain", "web")]);

		expect(placed?.spec.nodeName).toBe("quiet");
		expect(placed?.spec.nodeSelector?.[HOSTNAME]).toBe("quiet");
		const record = placed && placementOf(placed);
		expect(record).toMatchObject({ domain: "quiet", policy: "fast", predicted: expect.any(Number) });
		expect(Date.now() - Date.parse(record?.observedAt ?? "")).toBeLessThan(30_000);
		expect(await applied("Required")).toBe(before + 1);

		expect(scheduled?.spec.nodeName).toMatch(/^busy/);
		expect(scheduled?.spec.nodeSelector).toBeUndefined();
		expect(scheduled && placementOf(scheduled)).toBeUndefined();
	});

	it("was right: quiet is the best node in truth, and the report says so", async () => {
		const truth = [...(stage.world.truth("shop/web")?.onNode ?? [])];
		expect(truth).toHaveLength(NODE_COUNT);
		expect(truth.toSorted(([, left], [, right]) => left.latency - right.latency)[0]?.[0]).toBe("quiet");
		await stage.waitUntil("a report of shop/web with every node ranked", async () => {
			const status = (await stage.api.find("QoSReport", "shop", "web"))?.status;
			expect(status?.current).toMatchObject({ node: "quiet", measured: expect.any(Number) });
			expect(status?.decision).toMatchObject({ action: "Stay", reason: "AlreadyBest" });
			expect(status?.nodes?.map(({ name, rank }) => [name, rank])[0]).toEqual(["quiet", 1]);
			expect(status?.nodes).toHaveLength(NODE_COUNT);
			return true;
		});
	});

	it("does not change a pod of a dry run for the next one", async () => {
		const before = await running(stage, "shop", "web");
		const pod = await nextPodOf(stage, "shop", "web");
		const answers = [];
		for (let count = 0; count < 6; count++) answers.push(await stage.api.create("Pod", "shop", pod, "dryRun=All"));
		const records = answers.map((answer) => placementOf(answer));
		// Six reservations of half a core would have filled the node or made it slower.
		expect(records.map((record) => record?.domain)).toEqual(records.map(() => "quiet"));
		const predicted = records.map((record) => record?.predicted ?? Number.NaN);
		expect(Math.max(...predicted) / Math.min(...predicted)).toBeLessThan(1.05);
		expect(await running(stage, "shop", "web")).toHaveLength(before.length);
	});

	it("prefers instead of requiring where the policy says so", async () => {
		const before = await applied("Preferred");
		await stage.apply(
			namespace("soft"),
			policy("soft", { placement: { enforcement: "Preferred" } }),
			deployment({ namespace: "soft", name: "web" }),
		);
		const [pod] = await running(stage, "soft", "web");
		expect(pod?.spec.nodeSelector).toBeUndefined();
		expect(pod?.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution).toEqual([
			{ weight: 100, preference: { matchExpressions: [{ key: HOSTNAME, operator: "In", values: ["quiet"] }] } },
		]);
		expect(pod && placementOf(pod)).toMatchObject({ domain: "quiet" });
		expect(pod?.spec.nodeName).toBe("quiet");
		expect(await applied("Preferred")).toBe(before + 1);
	});

	it("spreads the replicas of one Deployment over the candidates that the policy allows", async () => {
		await stage.apply(
			namespace("wide"),
			policy("wide", { placement: { candidates: { matchLabels: { tier: "busy" } } } }),
			deployment({ namespace: "wide", name: "wide", replicas: BUSY.length, cpu: "2" }),
		);
		const pods = await running(stage, "wide", "wide", BUSY.length);
		expect(new Set(pods.map(({ spec }) => spec.nodeName))).toEqual(new Set(BUSY));
		for (const pod of pods) expect(placementOf(pod)?.domain).toBe(pod.spec.nodeName);
	});

	it("says on the Deployment that its pod was placed", async () => {
		const node = await nodeOf(stage, "shop", "web");
		await stage.waitUntil("an event QoSPlaced", async () => {
			const events = await stage.api.list("Event", "shop");
			const placed = events.filter(({ reason, regarding }) => reason === "QoSPlaced" && regarding?.name === "web");
			expect(placed.map(({ note }) => note).join("\n")).toContain(node);
			return true;
		});
	});
});
