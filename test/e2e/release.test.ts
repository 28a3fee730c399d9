import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { deployment, migration, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import {
	HOSTNAME,
	livePods,
	migrationsOf,
	nodeOf,
	placementOf,
	reasonOf,
	runsOn,
	watchAvailability,
} from "./harness/workloads.ts";

const NODES = ["node-1", "node-2", "node-3", "node-4", "node-5"] as const;
const URGENT = "urgent";

const stage = useStage({
	nodes: NODES.map((name) => ({ name })),
	world: {
		nodes: {
			"node-1": { background: 3 },
			"node-2": { background: 0.5 },
			"node-3": { background: 2 },
			"node-4": { background: 2.2 },
			"node-5": { background: 2.4 },
		},
		apps: {
			pinned: { serviceTime: "20ms", arrivalRate: 10 },
			cordoned: { serviceTime: "20ms", arrivalRate: 10 },
			moved: { serviceTime: "20ms", arrivalRate: 10 },
		},
	},
	cluster: { nodeGraceSeconds: 6 },
});

/** Pods stay bound to a dead node for so long unless somebody does something: tolerationSeconds of every pod. */
const KUBERNETES_WAITS_MS = 300_000;
const SOON_MS = 20_000;

/** What is left when node-2 and node-3 are dead and node-4 is cordoned. */
const LEFT: readonly string[] = ["node-1", "node-5"];

function others(...nodes: readonly string[]): readonly string[] {
	return NODES.filter((node) => !nodes.includes(node));
}

async function moveTo(app: string, node: string): Promise<void> {
	const override = ["Cooldown", "MinGain", "Confidence", "Disruption"];
	const created = await stage.cluster.kubectl(
		["create", "-o", "name", "-f", "-"],
		migration("shop", app, { to: node, override }),
	);
	const name = created.trim().replace(/^.*\//, "");
	await stage.waitUntil(`migration ${name} succeeds`, async () => {
		const made = await stage.api.get("QoSMigration", "shop", name);
		if (made.status?.phase === "Succeeded") return made;
		throw new Error(`${made.status?.phase}: ${reasonOf(made)}`);
	});
	const { spec } = await stage.api.get("Deployment", "shop", app);
	expect(spec.template.spec.nodeSelector).toEqual({ [HOSTNAME]: node });
}

/** The template says nothing of our pin any more, and the Deployment says that it was released. */
async function expectReleased(app: string): Promise<void> {
	const { metadata, spec } = await stage.api.get("Deployment", "shop", app);
	expect(spec.template.spec.nodeSelector ?? {}).toEqual({});
	expect(spec.template.metadata.annotations?.["kubectl-qos.dev/placement"]).toBeUndefined();
	expect(metadata.annotations?.["kubectl-qos.dev/previous-placement"]).toBeUndefined();
	await stage.waitUntil(`an event QoSUnpinned on ${app}`, async () => {
		const events = await stage.api.list("Event", "shop");
		return events.find(({ reason, regarding }) => reason === "QoSUnpinned" && regarding?.name === app);
	});
}

/** Takes all CPU of a node with pods that may push others away. */
function ballast(name: string, node: string, cpu: string): string {
	return deployment({
		namespace: "plain",
		name,
		cpu,
		podSpec: { nodeSelector: { [HOSTNAME]: node }, priorityClassName: URGENT },
	});
}

describe("pins never strand a pod", () => {
	it("are released when their node dies or is cordoned, and pods placed by admission leave a dead node", async () => {
		await stage.apply(
			namespace("shop"),
			namespace("plain", {}),
			policy("shop", { mode: "Initial" }),
			deployment({ namespace: "shop", name: "pinned" }),
			deployment({ namespace: "shop", name: "cordoned" }),
			deployment({ namespace: "shop", name: "admitted" }),
		);
		for (const app of ["pinned", "cordoned", "admitted"]) expect(await nodeOf(stage, "shop", app)).toBe("node-2");
		await Promise.all([moveTo("pinned", "node-3"), moveTo("cordoned", "node-4")]);
		const watch = await watchAvailability(stage, "shop", "cordoned");

		await Promise.all([stage.cluster.kill("node-2"), stage.cluster.kill("node-3"), stage.cluster.cordon("node-4")]);
		const died = performance.now();
		await runsOn(stage, ["shop", "cordoned"], LEFT, SOON_MS);
		await runsOn(stage, ["shop", "pinned"], LEFT, SOON_MS);
		await runsOn(stage, ["shop", "admitted"], LEFT, SOON_MS);
		expect(performance.now() - died).toBeLessThan(KUBERNETES_WAITS_MS / 10);

		await expectReleased("pinned");
		await expectReleased("cordoned");
		watch.stop();
		expect(watch.least).toBeGreaterThanOrEqual(1);
		for (const app of ["pinned", "cordoned", "admitted"]) {
			const ready = (await livePods(stage, "shop", app)).filter(({ spec }) => LEFT.includes(spec.nodeName ?? ""));
			expect(ready).toHaveLength(1);
			expect(ready.map((pod) => placementOf(pod)?.domain)).toEqual(ready.map(({ spec }) => spec.nodeName));
		}
		// Releasing is no move: nothing but what was asked for.
		expect(await migrationsOf(stage, "shop", "pinned")).toHaveLength(1);
		await Promise.all([
			stage.cluster.revive("node-2"),
			stage.cluster.revive("node-3"),
			stage.cluster.uncordon("node-4"),
		]);
	});

	it("are placed anew when their node filled up before they could run there", async () => {
		const urgent = {
			apiVersion: "scheduling.k8s.io/v1",
			kind: "PriorityClass",
			metadata: { name: URGENT },
			value: 1000,
		};
		await stage.apply(
			stringify(urgent),
			deployment({ namespace: "shop", name: "moved", cpu: "2" }),
			deployment({
				namespace: "shop",
				name: "gated",
				cpu: "3",
				podSpec: { schedulingGates: [{ name: "test.kubectl-qos.dev/wait" }] },
			}),
		);
		const [gated] = await stage.waitUntil("the gated pod", async () => {
			const pods = await livePods(stage, "shop", "gated");
			return pods.length === 1 ? pods : undefined;
		});
		const full = gated?.spec.nodeSelector?.[HOSTNAME] ?? "";
		expect(NODES).toContain(full);
		const [target = ""] = others(full, await nodeOf(stage, "shop", "moved"));
		await moveTo("moved", target);

		// Pushes `moved` off its node, although its template says that it must run there.
		await stage.apply(ballast("ballast-1", target, "7"), ballast("ballast-2", full, "6"));
		await runsOn(stage, ["plain", "ballast-1"], [target]);
		await runsOn(stage, ["plain", "ballast-2"], [full]);
		await openGates(gated?.metadata.name ?? "");
		await runsOn(stage, ["shop", "moved"], others(target), SOON_MS);
		await expectReleased("moved");

		const successor = await stage.waitUntil("a successor of the gated pod", async () => {
			const pods = await livePods(stage, "shop", "gated");
			return pods.find(({ metadata }) => metadata.uid !== gated?.metadata.uid);
		});
		expect(successor.spec.nodeSelector?.[HOSTNAME]).not.toBe(full);
		await openGates(successor.metadata.name);
		await runsOn(stage, ["shop", "gated"], others(full));
	});
});

async function openGates(pod: string): Promise<void> {
	await stage.api.patch("Pod", "shop", pod, { spec: { schedulingGates: null } });
}
