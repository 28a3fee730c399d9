import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { KubernetesActuator } from "../../src/adapters/kubernetes/actuator.ts";
import { KubernetesCluster } from "../../src/adapters/kubernetes/cluster.ts";
import type { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import type { PlacementRecord } from "../../src/core/migration/command.ts";
import type { MigrationStatus } from "../../src/core/migration/migration.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { asController, eventually, migrationsServed, RecordingLog, startInstalled } from "./kubernetes-support.ts";

const EVENTS = ["get", "events.events.k8s.io", "-n", "shop", "-o", "json"];
const HOSTNAME = "kubernetes.io/hostname";
const placement: PlacementRecord = { policy: "fast", observedAt: "2026-01-01T00:00:00Z", domain: "node-1" };

let cluster: Cluster;
let connection: KubernetesConnection;
let caches: KubernetesCluster;
let actuator: KubernetesActuator;
let now = Date.UTC(2026, 0, 1);

beforeAll(async () => {
	cluster = await startInstalled();
	await migrationsServed(cluster);
	connection = await asController(cluster);
	caches = new KubernetesCluster(connection, new RecordingLog());
	caches.start();
	await eventually(() => caches.ready() || undefined);
	actuator = new KubernetesActuator({ connection, state: () => caches.state(), clock: () => now });
	await cluster.kubectl(["create", "namespace", "shop"]);
});

afterAll(async () => {
	await caches?.stop();
	connection?.close();
	await cluster?.stop();
});

const deploymentSchema = z.object({
	metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
	spec: z.object({
		template: z.object({
			metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
			spec: z.object({ nodeSelector: z.record(z.string(), z.string()).default({}) }),
		}),
	}),
});

async function stored(name: string) {
	const text = await cluster.kubectl(["get", "deployment", name, "-n", "shop", "-o", "json"]);
	const { metadata, spec } = deploymentSchema.parse(JSON.parse(text));
	return {
		previous: metadata.annotations["kubectl-qos.dev/previous-placement"],
		placement: spec.template.metadata.annotations["kubectl-qos.dev/placement"],
		nodeSelector: spec.template.spec.nodeSelector,
	};
}

/** A settled Deployment: its resourceVersion does not change any more. */
async function settled(name: string) {
	let before: string | undefined;
	return eventually(() => {
		const workload = caches.state().workloads.get(`shop/${name}`);
		const isSame = workload?.rolledOut === true && workload.resourceVersion === before;
		before = workload?.resourceVersion;
		return isSame ? workload : undefined;
	});
}

async function create(name: string, nodeSelector?: object) {
	await cluster.kubectl(["create", "deployment", name, "--image=x", "-n", "shop"]);
	if (nodeSelector) {
		const patch = JSON.stringify({ spec: { template: { spec: { nodeSelector } } } });
		await cluster.kubectl(["patch", "deployment", name, "-n", "shop", "-p", patch]);
	}
	return settled(name);
}

function pin(workload: { key: `${string}/${string}`; resourceVersion: string }, value: string, previous?: string) {
	const { key, resourceVersion } = workload;
	return {
		kind: "PinWorkload",
		workload: key,
		resourceVersion,
		topologyKey: HOSTNAME,
		value,
		previous,
		placement,
	} as const;
}

function release({ key, resourceVersion }: { key: `${string}/${string}`; resourceVersion: string }, restore?: string) {
	const reasons = { reason: "NodeGone", message: "node-1 is gone" };
	return {
		kind: "ReleaseWorkload",
		workload: key,
		resourceVersion,
		topologyKey: HOSTNAME,
		restore,
		...reasons,
	} as const;
}

describe("pins", () => {
	it("are set and taken back without a trace", async () => {
		const before = await create("plain");
		expect(await actuator.apply(pin(before, "node-1"))).toBe("Applied");
		expect(await stored("plain")).toEqual({
			previous: JSON.stringify({ topologyKey: HOSTNAME, value: null }),
			placement: JSON.stringify(placement),
			nodeSelector: { [HOSTNAME]: "node-1" },
		});
		const pinned = await settled("plain");
		expect([...(caches.state().podsByWorkload.get("shop/plain") ?? [])].map(({ nodeName }) => nodeName)).toEqual([
			"node-1",
		]);
		expect(await actuator.apply(release(pinned))).toBe("Applied");
		expect(await stored("plain")).toEqual({ previous: undefined, placement: undefined, nodeSelector: {} });
	});

	it("remember the user's value and leave other keys alone, also when pinned twice", async () => {
		const before = await create("chosen", { [HOSTNAME]: "node-2", "kubernetes.io/os": "linux" });
		expect(await actuator.apply(pin(before, "node-1", "node-2"))).toBe("Applied");
		const once = await settled("chosen");
		expect(await actuator.apply(pin(once, "node-2", "node-1"))).toBe("Applied");
		const twice = await settled("chosen");
		expect((await stored("chosen")).previous).toBe(JSON.stringify({ topologyKey: HOSTNAME, value: "node-2" }));
		expect(await actuator.apply(release(twice, "node-2"))).toBe("Applied");
		expect(await stored("chosen")).toEqual({
			previous: undefined,
			placement: undefined,
			nodeSelector: { [HOSTNAME]: "node-2", "kubernetes.io/os": "linux" },
		});
	});

	it("conflict when the Deployment changed since it was read", async () => {
		const before = await create("busy");
		await cluster.kubectl(["annotate", "deployment", "busy", "-n", "shop", "a=b"]);
		expect(await actuator.apply(pin(before, "node-1"))).toBe("Conflict");
		expect((await stored("busy")).nodeSelector).toEqual({});
		expect(await actuator.apply(pin({ key: "shop/none", resourceVersion: "1" }, "node-1"))).toBe("NotFound");
	});

	it("roll by the annotation alone", async () => {
		const before = await create("rolled");
		const { key: workload, resourceVersion } = before;
		expect(await actuator.apply({ kind: "RollWorkload", workload, resourceVersion, placement })).toBe("Applied");
		expect(await stored("rolled")).toEqual({
			previous: undefined,
			placement: JSON.stringify(placement),
			nodeSelector: {},
		});
	});
});

describe("evictions", () => {
	it("ask disruption budgets, and mean one very pod", async () => {
		await create("guarded");
		const [pod] = [...(caches.state().podsByWorkload.get("shop/guarded") ?? [])];
		if (!pod) throw new Error("no pod");
		const evict = {
			kind: "EvictPod",
			namespace: "shop",
			name: pod.name,
			uid: pod.uid,
			workload: "shop/guarded",
		} as const;
		const why = { reason: "NodeGone", message: "its node is gone" };
		const budget = ["pdb", "guarded", "-n", "shop"];
		await cluster.kubectl(["create", ...budget, "--selector=app=guarded", "--min-available=1"]);
		await eventually(() => caches.state().disruptionBudgets.get("shop/guarded"));
		expect(await actuator.apply({ ...evict, ...why })).toEqual({
			failed: expect.stringContaining("disruption budget"),
		});
		await cluster.kubectl(["delete", ...budget]);
		expect(await actuator.apply({ ...evict, ...why, uid: "another" })).toBe("Conflict");
		expect(
			await eventually(async () => ((await actuator.apply({ ...evict, ...why })) === "Applied" ? true : undefined)),
		).toBe(true);
	});
});

describe("migrations", () => {
	it("are created once for one reason, marked as automatic, and live through their status", async () => {
		const workload = await create("moved");
		const command = {
			kind: "CreateMigration",
			workload: workload.key,
			to: "node-1",
			reason: "GainAboveMargin",
		} as const;
		expect(await actuator.apply(command)).toBe("Applied");
		expect(await actuator.apply(command)).toBe("Conflict");
		const migration = await eventually(() =>
			[...caches.state().migrations.values()].find((found) => found.workload === "shop/moved"),
		);
		expect(migration).toMatchObject({
			to: "node-1",
			reason: "GainAboveMargin",
			automatic: true,
			requestedBy: "system:serviceaccount:kubectl-qos-system:kubectl-qos-controller",
			status: { phase: undefined },
		});

		const rolling: MigrationStatus = {
			phase: "Rolling",
			from: "node-2",
			to: "node-1",
			promised: { value: 0.1, lower: 0.05, upper: 0.2 },
			measuredBefore: 0.4,
			measured: undefined,
			startedAt: now,
			rolledOutAt: undefined,
			completedAt: undefined,
			reason: "Rolling",
			message: "the Deployment rolls",
		};
		expect(await actuator.apply({ kind: "UpdateMigration", migration, status: rolling })).toBe("Applied");
		expect(await actuator.apply({ kind: "UpdateMigration", migration, status: rolling })).toBe("Conflict");
		const key = `shop/${migration.name}`;
		const seen = await eventually(() => {
			const found = caches.state().migrations.get(key);
			return found?.status.phase === "Rolling" ? found : undefined;
		});
		expect(seen.status).toEqual(rolling);
		const done: MigrationStatus = {
			...rolling,
			phase: "Succeeded",
			measuredBefore: undefined,
			// Without a measurement nobody could say that the move was good, and the condition would stay Unknown.
			measured: 0.12,
			completedAt: now + 1000,
		};
		expect(await actuator.apply({ kind: "UpdateMigration", migration: seen, status: done })).toBe("Applied");
		const finished = await eventually(() => {
			const found = caches.state().migrations.get(key);
			return found?.status.phase === "Succeeded" ? found : undefined;
		});
		expect(finished.status).toEqual(done);
		await cluster.kubectl(["wait", "--for=condition=Succeeded", "qosm", migration.name, "-n", "shop", "--timeout=5s"]);
		expect(await actuator.apply({ kind: "DeleteMigration", migration: { ...finished, uid: "another" } })).toBe(
			"Conflict",
		);
		expect(await actuator.apply({ kind: "DeleteMigration", migration: finished })).toBe("Applied");
		await eventually(() => (caches.state().migrations.has(key) ? undefined : true));
	});
});

describe("events", () => {
	it("are counted when repeated", async () => {
		await create("told");
		now = Date.now();
		const event = { kind: "RecordEvent", workload: "shop/told", type: "Normal", reason: "QoSStayed" } as const;
		expect(await actuator.apply({ ...event, message: "no better node" })).toBe("Applied");
		now += 1000;
		expect(await actuator.apply({ ...event, message: "no better node" })).toBe("Applied");
		expect(await actuator.apply({ ...event, message: "another thing" })).toBe("Applied");
		const text = await cluster.kubectl([...EVENTS, "--field-selector=regarding.name=told,reason=QoSStayed"]);
		const { items } = z
			.object({ items: z.array(z.object({ note: z.string(), series: z.object({ count: z.number() }).optional() })) })
			.parse(JSON.parse(text));
		const counts = Object.fromEntries(items.map(({ note, series }) => [note, series?.count]));
		expect(counts).toEqual({ "another thing": undefined, "no better node": 2 });
		expect(await cluster.kubectl(["describe", "deployment", "told", "-n", "shop"])).toContain("no better node");
	});

	it("of a Deployment that is gone are not found", async () => {
		const event = { kind: "RecordEvent", workload: "shop/gone", type: "Warning", reason: "QoSReverted" } as const;
		expect(await actuator.apply({ ...event, message: "worse" })).toBe("NotFound");
	});
});

describe("without an API server", () => {
	it("fails with one line, and does not hang", async () => {
		const workload = await settled("told");
		await cluster.stopProgram("kube-apiserver");
		const outcome = await actuator.apply(pin(workload, "node-1"));
		expect(outcome).toEqual({
			failed: expect.stringMatching(/^PATCH \S+: the API server \S+ cannot be reached \(ECONNREFUSED\)/),
		});
		await cluster.startProgram("kube-apiserver");
	});
});
