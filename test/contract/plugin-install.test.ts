import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { qos } from "./plugin-cluster.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
let cluster: Cluster;

beforeAll(async () => {
	cluster = await startCluster({ prometheus: false, nodes: 2 });
});
afterAll(async () => {
	await cluster?.stop();
});

function objects(yaml: string): readonly unknown[] {
	const all = parseAllDocuments(yaml).map((document) => document.toJS({ maxAliasCount: 1000 }));
	const key = ({ kind, metadata }: { kind: string; metadata: { name: string } }) => `${kind}/${metadata.name}`;
	return all.toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
}

describe("install", () => {
	it("prints what kustomize makes of manifests/base, object by object", async () => {
		const { stdout } = await run(cluster.programs.kubectl, ["kustomize", join(ROOT, "manifests/base")]);
		const printed = await qos(cluster, "install --dry-run=client -o yaml");
		expect(printed).toMatchObject({ code: 0, stderr: "" });
		expect(objects(printed.stdout)).toEqual(objects(stdout));
	});

	it("takes the address of Prometheus and the image", async () => {
		const flags = "--prometheus-url http://prom:9090 --image registry/qos-controller:9";
		const { stdout } = await qos(cluster, `install --dry-run=client -o yaml ${flags}`);
		expect(stdout).toContain('url: "http://prom:9090"');
		expect(stdout).toContain("image: registry/qos-controller:9");
		expect((await qos(cluster, "install --prometheus-url prom:9090")).stderr).toMatch(/^error: invalid argument/);
	});

	it("asks the server and stores nothing; checks beforehand whether it can be done", async () => {
		expect((await qos(cluster, "check --pre")).code).toBe(0);
		const { code, stdout } = await qos(cluster, "install --dry-run=server");
		expect(code).toBe(0);
		expect(stdout).toContain(
			"customresourcedefinition.apiextensions.k8s.io/qosjobs.kubectl-qos.dev serverside-applied (server dry run)",
		);
		expect(await cluster.kubectl(["get", "crd", "-o", "name"])).not.toContain("kubectl-qos");
		expect((await qos(cluster, "check")).stdout).toMatch(/^× \[QOS001\] .* is not installed/m);
	});

	it("applies, waits for the Deployment, and says truthfully that nobody leads", async () => {
		const { code, stdout, stderr } = await qos(cluster, "install --timeout 12s");
		expect(stdout).toContain("deployment.apps/kubectl-qos-controller serverside-applied\n");
		expect(stderr).toContain("waiting for the controller\n");
		// The nodes here only pretend to run containers.
		expect(stdout).toMatch(/^√ \[QOS001\] CRDs v1alpha1 served$/m);
		expect(stdout).toMatch(/^√ \[QOS003\] /m);
		expect(stdout).toMatch(/^√ \[QOS008\] the controller runs: 2 of 2 replicas are available$/m);
		expect(stdout).toMatch(/^× \[QOS009\] no leader/m);
		expect(code).toBe(1);
	});

	it("can be repeated, also where kubectl applied it", async () => {
		await cluster.kubectl(["apply", "--server-side", "--force-conflicts", "-k", join(ROOT, "manifests/base")]);
		const refused = await qos(cluster, "install --wait=false");
		expect(refused).toMatchObject({
			code: 1,
			stderr: expect.stringContaining("take them over with --force-conflicts"),
		});
		const address = "--prometheus-url http://prometheus.monitoring:9090";
		const { code, stderr } = await qos(cluster, `install --wait=false --force-conflicts ${address}`);
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		expect((await qos(cluster, `install --wait=false ${address}`)).code).toBe(0);
	});
});

describe("uninstall", () => {
	it("removes everything, and can be repeated", async () => {
		expect((await qos(cluster, "uninstall --purge")).code).toBe(0);
		expect(await cluster.kubectl(["get", "crd,clusterrole,mutatingwebhookconfiguration,ns", "-o", "name"])).not.toMatch(
			/kubectl-qos|qos-viewer/,
		);
		const again = await qos(cluster, "uninstall --purge");
		expect(again).toEqual({ code: 0, stdout: "", stderr: "No resources found\n" });
	});
});
