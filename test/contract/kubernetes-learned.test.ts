import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import { KubernetesLearnedStore } from "../../src/adapters/kubernetes/learned-store.ts";
import { Learner } from "../../src/controller/learning.ts";
import { PredictionTelemetry } from "../../src/controller/prediction-telemetry.ts";
import { Learned } from "../../src/core/calibration/learned.ts";
import { type LearnedState, stateOf } from "../../src/core/calibration/state.ts";
import type { WorkloadKey } from "../../src/core/cluster/workload.ts";
import { MetricStore } from "../../src/core/metrics/store.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { BASIS } from "../unit/calibration/streams.ts";
import { cluster as clusterState, workload } from "../unit/cluster-core/builders.ts";
import { asController, CONTROLLER_NAMESPACE, eventually, RecordingLog, startInstalled } from "./kubernetes-support.ts";

const NAME = "kubectl-qos-learned";
const ALL = 3_000;

let cluster: Cluster;
let connection: KubernetesConnection;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
	cluster = await startInstalled();
	connection = await asController(cluster);
});

afterEach(async () => {
	for (const cleanup of cleanups.splice(0)) await cleanup();
	await cluster.kubectl(["delete", "configmap", NAME, "-n", CONTROLLER_NAMESPACE, "--ignore-not-found"]);
});

afterAll(async () => {
	connection?.close();
	await cluster?.stop();
});

/** A replica's store as it watches, with what it was told. */
async function replica() {
	const log = new RecordingLog();
	const store = new KubernetesLearnedStore({ connection, namespace: CONTROLLER_NAMESPACE, name: NAME, log });
	const states: (LearnedState | undefined)[] = [];
	cleanups.push(store.watch((state) => states.push(state)));
	await eventually(() => store.ready() || undefined);
	return { store, states, log };
}

/** As if predictions of `pairs` pairs had turned out too low by half. */
function experienced(pairs: number): Learned {
	const learned = new Learned();
	const raw = { value: 100, lower: 90, upper: 110 };
	for (let pair = 0; pair < pairs; pair += 1) {
		const workload: WorkloadKey = `some-namespace/a-deployment-with-a-name-${pair}`;
		const node = `workers-${pair}.example.internal`;
		learned.calibration.learn({
			workload,
			node,
			basis: BASIS,
			raw,
			issued: raw,
			actual: 150,
			at: pair * 1000,
			horizonSeconds: 300,
		});
		learned.speeds.observe({ workload, node, time: 0.123456, windows: 0.1 });
	}
	return learned;
}

describe("KubernetesLearnedStore", () => {
	it("keeps a state for the other replicas and the next process, with the controller's own rights", async () => {
		const [leader, follower] = [await replica(), await replica()];
		const state = stateOf(experienced(3), ALL);
		expect(await leader.store.write(state)).toBe(true);
		expect(await eventually(() => follower.states.at(-1))).toEqual(state);
		const later = stateOf(experienced(4), ALL);
		expect(await leader.store.write(later)).toBe(true);
		expect(await eventually(() => follower.states.find((state) => state?.workloads.length === 4))).toEqual(later);
		// The writer is not told what it wrote itself.
		expect(leader.states).toEqual([]);
		expect((await replica()).states).toEqual([later]);
		expect([...leader.log.lines, ...follower.log.lines]).toEqual([]);
	});

	it("never overwrites what another has written since", async () => {
		const [leader, other] = [await replica(), await replica()];
		expect(await leader.store.write(stateOf(experienced(1), ALL))).toBe(true);
		// It did not look: for it there is nothing there.
		const blind = new KubernetesLearnedStore({
			connection,
			namespace: CONTROLLER_NAMESPACE,
			name: NAME,
			log: new RecordingLog(),
		});
		expect(await blind.write(stateOf(experienced(2), ALL))).toBe(false);
		await eventually(() => other.states.at(-1));
		expect(await other.store.write(stateOf(experienced(2), ALL))).toBe(true);
		await eventually(() => leader.states.at(-1));
		expect(await leader.store.write(stateOf(experienced(3), ALL))).toBe(true);
	});

	it.each([
		["no JSON", "}"],
		["of another version", JSON.stringify({ ...stateOf(experienced(1), ALL), version: 2 })],
		["with numbers that are none", JSON.stringify({ ...stateOf(experienced(1), ALL), visits: [[0, 0, "x", 1, 1]] })],
		["with a weight of 0", JSON.stringify({ ...stateOf(experienced(1), ALL), visits: [[0, 0, 0, 1, 0]] })],
	])("passes over what is %s in one line, and replaces it", async (_, content) => {
		await cluster.kubectl([
			"create",
			"configmap",
			NAME,
			"-n",
			CONTROLLER_NAMESPACE,
			`--from-literal=learned.json=${content}`,
		]);
		const { store, states, log } = await replica();
		expect(log.lines).toHaveLength(1);
		expect(log.lines[0]).toContain("cannot be read");
		expect(states).toEqual([]);
		expect(await store.write(stateOf(experienced(1), ALL))).toBe(true);
		expect((await replica()).states).toHaveLength(1);
	});

	it("holds the most that is saved", async () => {
		const { store } = await replica();
		const state = stateOf(experienced(5_000), ALL);
		expect(state.families[0]?.pairs).toHaveLength(ALL);
		expect(await store.write(state)).toBe(true);
	});
});

describe("Learner", () => {
	const metrics = new MetricStore([], { steps: 10, stepSeconds: 30 });
	const names = [0, 1, 2].map((pair) => `a-deployment-with-a-name-${pair}`);
	const state = clusterState({ workloads: names.map((name) => workload(name, { namespace: "some-namespace" })) });

	function learner(learned: Learned, mayAct: () => boolean, saveEverySeconds = 0.2): Learner {
		const store = new KubernetesLearnedStore({
			connection,
			namespace: CONTROLLER_NAMESPACE,
			name: NAME,
			log: new RecordingLog(),
		});
		return new Learner({
			learned,
			store,
			cluster: () => state,
			metrics,
			models: { resolve: () => ({ refused: true, reason: "NotFound", message: "none" }) },
			mayAct,
			telemetry: new PredictionTelemetry(new Registry()),
			clock: Date.now,
			saveEverySeconds,
			logger: pino({ level: "silent" }),
		});
	}

	it("saves on the leader alone, and the others take it over", async () => {
		const mine = experienced(3);
		const theirs = new Learned();
		const leader = learner(mine, () => true);
		const follower = learner(theirs, () => false);
		follower.start();
		follower.collected();
		leader.start();
		leader.collected();
		cleanups.push(() => leader.stop());
		await eventually(() => theirs.calibration.families.get(BASIS));
		expect(stateOf(theirs, ALL)).toEqual(stateOf(mine, ALL));
		await follower.stop();
	});

	it("starts afresh everywhere when somebody deletes what is saved", async () => {
		const mine = experienced(3);
		const leader = learner(mine, () => true, 3600);
		leader.start();
		await sleep(500);
		leader.collected();
		await leader.stop();
		const again = learner(mine, () => true, 3600);
		again.start();
		cleanups.push(() => again.stop());
		await sleep(500);
		await cluster.kubectl(["delete", "configmap", NAME, "-n", CONTROLLER_NAMESPACE]);
		await eventually(() => (mine.calibration.families.size === 0 ? true : undefined));
		expect(mine.speeds.visits.residuals.size).toBe(0);
	});

	it("saves when it stops, and goes on from there", async () => {
		const before = learner(experienced(3), () => true, 3600);
		before.start();
		await sleep(500);
		before.collected();
		await before.stop();
		const restarted = new Learned();
		const after = learner(restarted, () => true);
		after.start();
		cleanups.push(() => after.stop());
		await eventually(() => restarted.calibration.families.get(BASIS));
		expect(restarted.calibration.families.get(BASIS)?.workloads.size).toBe(3);
	});
});
