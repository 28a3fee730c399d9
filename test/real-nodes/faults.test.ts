import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CONTROLLER_NAMESPACE } from "../e2e/harness/installation.ts";
import type { PodObject } from "../e2e/harness/kinds.ts";
import {
	livePods,
	migrationIn,
	migrationsOf,
	reportThat,
	runsOn,
	watchAvailability,
} from "../e2e/harness/workloads.ts";
import { beginRenewal, certificates, renewed, SECRET } from "./faults/certificates.ts";
import { appsOn, begin, ended } from "./faults/moves.ts";
import { bothReady, moreRebalancing, nextLeader, roles, showLogs } from "./faults/replicas.ts";
import { appObjects, burner, policyOf, SHOP } from "./faults/shop.ts";
import { createOn, LEASE_SECONDS, RETRY_SECONDS, type RealStage, startStage } from "./faults/stage.ts";
import { createMany, during, failedOpen, failures, slowest, startBackground, untilPlaced } from "./faults/traffic.ts";
import { CONTROLLER } from "./installed.ts";
import { whyNoRealNodes } from "./requirements.ts";

const lacks = await whyNoRealNodes();

const APPS = ["search", "cart", "orders"] as const;
const CART = [SHOP, "cart"] as const;
const SEARCH = [SHOP, "search"] as const;

/** `timeoutSeconds` of the webhook in manifests/. */
const WEBHOOK_TIMEOUT_SECONDS = 2;
/** What else may take its time on a busy computer. */
const SLACK_SECONDS = 2;
/** From a node being NotReady to its apps running elsewhere; Kubernetes itself waits for 300 s. */
const SOON_MS = 20_000;

describe.skipIf(lacks !== "")("faults on real nodes", () => {
	let stage: RealStage;
	/** Of the node that was lost, where this pod ran; nobody has to wait for it at once. */
	let revival: Promise<void> | undefined;
	let lostPod = "";
	let endBackground: (() => Promise<void>) | undefined;

	beforeAll(async () => {
		stage = await startStage(APPS);
		const { leader, follower } = await roles(stage);
		const [third = ""] = others(nodeNameOf(leader), nodeNameOf(follower));
		await createOn(stage, { name: "orders" }, nodeNameOf(follower));
		await createOn(stage, { name: "search" }, third);
		// Its moves last long enough for something to happen in their middle.
		await createOn(stage, { name: "cart", warmup: "3s" }, third);
		endBackground = await startBackground(stage, APPS);
		for (const app of APPS) {
			await reportThat(stage, [SHOP, app], "its latency", ({ current }) => current.measured !== undefined);
		}
	});

	afterEach(async ({ task }) => {
		if (task.result?.state === "fail") await showLogs(stage);
	});

	afterAll(async () => {
		await endBackground?.();
		await stage?.stop();
	});

	test("a leader killed in the middle of a move: the next one ends it, and nothing moves twice", async () => {
		const { leader, follower, identity } = await roles(stage);
		const watch = await watchAvailability(stage, ...CART);
		const [generation = 0] = watch.generations;
		const seen = await during(stage, APPS, async () => {
			const uid = await begin(stage, "cart", nodeNameOf(follower));
			await stage.waitUntil("the patch", async () => watch.generations.size > 1 || undefined);
			await stage.cluster.killPod(nodeNameOf(leader), leader.metadata.uid);
			expect((await migrationIn(stage, CART, ["Rolling"])).metadata.uid).toBe(uid);
			expect(await nextLeader(stage, identity)).toContain(follower.metadata.name);
			expect((await ended(stage, "cart", uid)).status).toMatchObject({ phase: "Succeeded" });
		});
		watch.stop();
		expect([...watch.generations]).toEqual([generation, generation + 1]);
		expect(await stage.api.list("ReplicaSet", SHOP, "app=cart")).toHaveLength(2);
		expect(await migrationsOf(stage, ...CART)).toHaveLength(1);
		expect(watch.least).toBe(1);
		expect(failures(seen)).toEqual([]);
	});

	test("the leader's node lost: the other replica leads, and what ran there runs elsewhere", async () => {
		const { leader, identity } = await roles(stage);
		const dead = nodeNameOf(leader);
		const there = ["cart", "orders"];
		for (const app of there) await runsOn(stage, [SHOP, app], [dead]);
		const untouched = await livePods(stage, ...SEARCH);
		const seen = await during(stage, APPS, async () => {
			const start = performance.now();
			const lost = stage.cluster.killMachine(dead);
			await nextLeader(stage, identity);
			const took = (performance.now() - start) / 1000;
			expect(took).toBeLessThan(LEASE_SECONDS + RETRY_SECONDS + SLACK_SECONDS);
			await lost;
			await Promise.all(there.map((app) => runsOn(stage, [SHOP, app], others(dead), SOON_MS)));
			await untilPlaced(stage, "search");
		});
		const ofTheDead = failures(seen).filter(
			({ node, app = "" }) => node === dead || (node === "" && there.includes(app)),
		);
		expect(ofTheDead).not.toEqual([]);
		expect(failures(seen)).toEqual(ofTheDead);
		expect(await livePods(stage, ...SEARCH)).toMatchObject(
			untouched.map(({ metadata: { uid } }) => ({ metadata: { uid } })),
		);
		expect((await stage.api.get("Deployment", ...CART)).spec.template.spec.nodeSelector ?? {}).toEqual({});
		expect(await migrationsOf(stage, ...CART)).toHaveLength(1);
		lostPod = leader.metadata.uid;
		revival = stage.cluster.revive(dead);
		revival.catch(() => undefined);
	});

	test("Prometheus frozen: nothing moves although there is reason to; thawed, what must move does, once", async () => {
		const [pod] = await livePods(stage, ...SEARCH);
		const crowded = nodeNameOf(pod);
		const seen = await during(stage, APPS, async () => {
			await stage.cluster.freezeProgram("prometheus");
			await stage.apply(burner("burner", crowded), policyOf("search", "20m"));
			const status = await reportThat(stage, SEARCH, "Unknown", ({ decision }) => decision.action === "Unknown");
			expect(status.decision.reason).toMatch(/^Metrics(Stale|Absent)$/);
			await moreRebalancing(stage, 3);
			expect(await migrationsOf(stage, ...SEARCH)).toEqual([]);
			await stage.cluster.thawProgram("prometheus");
			await migrationIn(stage, SEARCH, ["Rolling", "Verifying", "Succeeded"]);
		});
		await stage.cluster.kubectl(["delete", "pod", "burner", "--wait=false"]);
		await stage.apply(policyOf("search", "1"));
		expect(failures(seen)).toEqual([]);
		expect(slowest(seen.creations)).toBeLessThan(SLACK_SECONDS);
		expect(await migrationsOf(stage, ...SEARCH)).toMatchObject([{ status: { from: crowded } }]);
	});

	test("the lost node, switched on again, runs its pods anew", async () => {
		await revival;
		const pod = (await bothReady(stage)).find(({ metadata }) => metadata.uid === lostPod);
		expect(pod?.status?.containerStatuses?.[0]?.restartCount).toBeGreaterThan(0);
	});

	test("the API server restarted in the middle of a move: it ends, and nothing moves twice", async () => {
		const before = await bothReady(stage);
		const { metadata } = await stage.api.get("Deployment", ...CART);
		const [pod] = await livePods(stage, ...CART);
		const away = { from: 0, to: 0 };
		const seen = await during(stage, APPS, async () => {
			const uid = await begin(stage, "cart", others(nodeNameOf(pod))[0] ?? "");
			away.from = Date.now();
			await stage.cluster.stopProgram("kube-apiserver");
			await delay(500);
			await stage.cluster.startProgram("kube-apiserver");
			away.to = Date.now();
			expect((await ended(stage, "cart", uid)).status).toMatchObject({ phase: "Succeeded" });
			await moreRebalancing(stage, 2);
			await untilPlaced(stage, "search");
		});
		expect(failures(seen, away)).toEqual([]);
		expect((await stage.api.get("Deployment", ...CART)).metadata.generation).toBe((metadata.generation ?? 0) + 1);
		expect(await migrationsOf(stage, ...CART)).toHaveLength(2);
		expect((await bothReady(stage)).map(lifeOf).toSorted()).toEqual(before.map(lifeOf).toSorted());
	});

	test("a kubelet killed: what runs there goes on until it runs elsewhere", async () => {
		const silent = nodeNameOf((await livePods(stage, ...SEARCH))[0]);
		const there = await appsOn(stage, APPS, silent);
		const seen = await during(stage, APPS, async () => {
			await stage.cluster.killKubelet(silent);
			await runsOn(stage, SEARCH, others(silent), SOON_MS);
		});
		await stage.cluster.revive(silent);
		// Between the old pod being given up and the new one being Ready there is nobody to ask.
		expect(failures(seen).filter(({ node, app = "" }) => node !== "" || !there.includes(app))).toEqual([]);
		for (const app of APPS) await runsOn(stage, [SHOP, app], others());
		expect(await migrationsOf(stage, ...SEARCH)).toMatchObject([{ status: { phase: "Succeeded" } }]);
	});

	test("all webhook pods gone: 50 pods are created, at once and unchanged", async () => {
		const seen = await during(stage, APPS, async () => {
			await scaleController(0);
			await stage.waitUntil("they are gone", async () => {
				const pods = await stage.api.list("Pod", CONTROLLER_NAMESPACE);
				return pods.length === 0 || undefined;
			});
			const before = await failedOpen(stage);
			const created = await createMany(stage, 50);
			expect(created.filter(({ failure }) => failure !== undefined)).toEqual([]);
			expect(slowest(created)).toBeLessThan(SLACK_SECONDS);
			expect(await failedOpen(stage)).toBeGreaterThanOrEqual(before + 50);
			await stage.apply(appObjects({ name: "late" }));
			await runsOn(stage, [SHOP, "late"], others(), SOON_MS);
			await scaleController(2);
			await bothReady(stage);
			await untilPlaced(stage, "search");
		});
		expect(failures(seen)).toEqual([]);
	});

	test("certificates renewed under load: every pod is placed meanwhile, and afterwards", async () => {
		const before = await certificates(stage);
		const open = await failedOpen(stage);
		const seen = await during(stage, APPS, async () => {
			await beginRenewal(stage);
			await renewed(stage, before);
			await delay(1000);
		});
		expect(failures(seen)).toEqual([]);
		expect(await failedOpen(stage)).toBe(open);
		await untilPlaced(stage, "search");
	});

	test("certificates lost under load: they are issued anew, and pods are placed again", async () => {
		const before = await certificates(stage);
		const seen = await during(stage, APPS, async () => {
			await stage.api.remove("Secret", CONTROLLER_NAMESPACE, SECRET);
			await renewed(stage, before);
			await untilPlaced(stage, "search");
			const open = await failedOpen(stage);
			await delay(1000);
			expect(await failedOpen(stage)).toBe(open);
		});
		expect(failures(seen)).toEqual([]);
		expect(slowest(seen.creations)).toBeLessThan(WEBHOOK_TIMEOUT_SECONDS + SLACK_SECONDS);
	});

	/** Names of the nodes but for these. */
	function others(...nodes: readonly string[]): readonly string[] {
		return stage.cluster.nodes.map(({ name }) => name).filter((name) => !nodes.includes(name));
	}

	async function scaleController(count: number): Promise<void> {
		await stage.api.patch("Deployment", CONTROLLER_NAMESPACE, CONTROLLER, { spec: { replicas: count } });
	}
});

function nodeNameOf(pod: PodObject | undefined): string {
	return pod?.spec.nodeName ?? "";
}

/** Changes when a pod or one of its containers is another. */
function lifeOf({ metadata, status }: PodObject): string {
	return `${metadata.uid} ${status?.containerStatuses?.map(({ restartCount }) => restartCount).join()}`;
}
