import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { KubernetesCertificateStore } from "../../src/adapters/kubernetes/certificate-store.ts";
import type { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import { LeaderElector } from "../../src/adapters/kubernetes/leader-elector.ts";
import { SILENT } from "../../src/adapters/kubernetes/log.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { asController, CONTROLLER_NAMESPACE, eventually, startInstalled } from "./kubernetes-support.ts";

let cluster: Cluster;
let connection: KubernetesConnection;
const electors: LeaderElector[] = [];

beforeAll(async () => {
	cluster = await startInstalled();
	connection = await asController(cluster);
});

afterEach(async () => {
	await Promise.all(electors.splice(0).map((elector) => elector.stop()));
});

afterAll(async () => {
	connection?.close();
	await cluster?.stop();
});

function candidate(identity: string): { elector: LeaderElector; changes: boolean[] } {
	const elector = new LeaderElector({
		connection,
		namespace: CONTROLLER_NAMESPACE,
		name: "kubectl-qos",
		identity,
		leaseDurationSeconds: 3,
		renewDeadlineSeconds: 2,
		retryPeriodSeconds: 0.3,
		log: SILENT,
	});
	electors.push(elector);
	const changes: boolean[] = [];
	elector.onChange((isLeader) => changes.push(isLeader));
	elector.start();
	return { elector, changes };
}

async function lease(field: string): Promise<string> {
	return cluster.kubectl(["get", "lease", "kubectl-qos", "-n", CONTROLLER_NAMESPACE, "-o", `jsonpath={${field}}`]);
}

describe("LeaderElector", () => {
	it("elects one, and hands over at once when it stops", async () => {
		const first = candidate("first");
		await eventually(() => first.elector.isLeader() || undefined);
		const second = candidate("second");
		await new Promise((resolve) => setTimeout(resolve, 1000));
		expect(second.elector.isLeader()).toBe(false);
		expect(await lease(".spec.holderIdentity")).toBe("first");

		const stoppedAt = performance.now();
		await first.elector.stop();
		expect(first.elector.isLeader()).toBe(false);
		await eventually(() => second.elector.isLeader() || undefined);
		expect(performance.now() - stoppedAt).toBeLessThan(2500);
		expect(first.changes).toEqual([true, false]);
		expect(second.changes).toEqual([true]);
		expect(await lease(".spec.holderIdentity")).toBe("second");
	});

	it("steps down before its Lease can be taken, while the API server does not answer", async () => {
		const only = candidate("only");
		await eventually(() => only.elector.isLeader() || undefined);
		await cluster.freezeProgram("kube-apiserver");
		const frozenAt = performance.now();
		await eventually(() => (only.elector.isLeader() ? undefined : true));
		expect(performance.now() - frozenAt).toBeLessThan(2500);
		await eventually(() => (only.changes.length === 2 ? true : undefined), 2);
		await cluster.thawProgram("kube-apiserver");
		await eventually(() => only.elector.isLeader() || undefined, 20);
		expect(only.changes).toEqual([true, false, true]);
	});

	it("takes a Lease over only after having seen it unchanged for its whole duration", async () => {
		const dead = { holderIdentity: "dead", leaseDurationSeconds: 3, renewTime: "2020-01-01T00:00:00.000000Z" };
		await cluster.kubectl(["delete", "lease", "kubectl-qos", "-n", CONTROLLER_NAMESPACE, "--ignore-not-found"]);
		const metadata = { name: "kubectl-qos", namespace: CONTROLLER_NAMESPACE };
		const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: dead };
		await cluster.kubectl(["create", "-f", "-"], JSON.stringify(body));
		const startedAt = performance.now();
		const heirs = [candidate("a"), candidate("b"), candidate("c")];
		await eventually(() => heirs.some(({ elector }) => elector.isLeader()) || undefined);
		// Its renewTime is years ago, but clocks of other machines count for nothing.
		expect(performance.now() - startedAt).toBeGreaterThan(3000);
		expect(heirs.filter(({ elector }) => elector.isLeader())).toHaveLength(1);
		expect(await lease(".spec.leaseTransitions")).toBe("1");
	});
});

describe("KubernetesCertificateStore", () => {
	function store(url?: string): KubernetesCertificateStore {
		return new KubernetesCertificateStore({
			connection,
			namespace: CONTROLLER_NAMESPACE,
			secretName: "kubectl-qos-webhook-certificate",
			configurationName: "kubectl-qos",
			url,
			log: SILENT,
		});
	}

	it("lets one of several create the Secret, and one update from the same version win", async () => {
		expect(await store().read()).toBeUndefined();
		const outcomes = await Promise.all([1, 2, 3].map((index) => store().create({ "tls.crt": `certificate ${index}` })));
		expect(outcomes.toSorted()).toEqual(["Conflict", "Conflict", "Written"]);
		const read = await store().read();
		const { resourceVersion = "" } = read ?? {};
		expect(read?.data["tls.crt"]).toMatch(/^certificate \d$/);
		const updates = await Promise.all(
			[4, 5].map((index) => store().update({ "tls.crt": `${index}` }, resourceVersion)),
		);
		expect(updates.toSorted()).toEqual(["Conflict", "Written"]);
	});

	it("makes the API server trust a bundle, once, and tells of drift", async () => {
		const bundle = await cluster.kubectl([
			"config",
			"view",
			"--raw",
			"-o",
			"jsonpath={.clusters[0].cluster.certificate-authority-data}",
		]);
		const pem = Buffer.from(bundle, "base64").toString();
		const get = async (field: string) =>
			cluster.kubectl(["get", "mutatingwebhookconfiguration", "kubectl-qos", "-o", `jsonpath={${field}}`]);
		let changes = 0;
		const end = store().watch(() => {
			changes += 1;
		});
		await eventually(() => (changes >= 2 ? true : undefined));

		const url = "https://127.0.0.1:12345/mutate";
		await store(url).ensureTrusted(pem);
		expect(await get(".webhooks[0].clientConfig")).toBe(JSON.stringify({ caBundle: bundle, url }));
		const version = await get(".metadata.resourceVersion");
		await store(url).ensureTrusted(pem);
		expect(await get(".metadata.resourceVersion")).toBe(version);
		await eventually(() => (changes >= 3 ? true : undefined));

		const before = changes;
		const patch = JSON.stringify([{ op: "remove", path: "/webhooks/0/clientConfig/caBundle" }]);
		await cluster.kubectl(["patch", "mutatingwebhookconfiguration", "kubectl-qos", "--type=json", "-p", patch]);
		await eventually(() => (changes > before ? true : undefined));
		await store(url).ensureTrusted(pem);
		expect(await get(".webhooks[0].clientConfig.caBundle")).toBe(bundle);
		expect(await get(".webhooks[0].failurePolicy")).toBe("Ignore");
		await end();
	});
});
