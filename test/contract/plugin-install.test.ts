import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { COMMANDS } from "../../cmd/kubectl-qos/commands/all.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { apply, deployment, policy, qos, report, userEnvironment } from "./plugin-cluster.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
let cluster: Cluster;
let folder: string;

beforeAll(async () => {
	cluster = await startCluster({ prometheus: false, nodes: 2 });
	folder = mkdtempSync(join(tmpdir(), "kubectl-qos-install-"));
});
afterAll(async () => {
	await cluster?.stop();
	rmSync(folder, { recursive: true, force: true });
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

/** Examples that end otherwise here, where no controller runs and nobody answers a question. */
const ENDS: Readonly<Record<string, readonly (number | null)[]>> = {
	"kubectl qos migrate deploy/web": [1],
	"kubectl qos migrate deploy/web --to edge-2 --force --yes": [130],
	"kubectl qos migrate deploy/web --revert": [1],
	"kubectl qos check": [1],
	"kubectl qos check --wait 2m": [130],
	"kubectl qos check -o json": [1],
	"kubectl qos jobs run predict -n kubectl-qos-system": [130],
	"kubectl qos install --prometheus-url http://prometheus.monitoring:9090": [130],
};

describe("the examples in the help of commands that act", () => {
	beforeAll(async () => {
		await apply(
			cluster,
			{ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
			deployment("default", "web"),
			deployment("shop", "web"),
			policy("default", "fast", ["web"]),
			{ apiVersion: "v1", kind: "Node", metadata: { name: "edge-2", labels: { "kubernetes.io/hostname": "edge-2" } } },
		);
		await report(cluster, "default", "web");
		for (const [name, where] of [
			["predict", "kubectl-qos-system"],
			["rebalance", "kubectl-qos-system"],
			["nightly", "shop"],
		]) {
			await qos(cluster, `jobs add ${name} --every 1h -n ${where}`);
		}
		const rows = Array.from({ length: 20 }, (_, index) => {
			const time = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString();
			return `${time},w,a,50,50\n${time},w,b,60,60`;
		});
		const trace = `time,workload,node,predicted,actual\n${rows.join("\n")}\n`;
		writeFileSync(join(folder, "trace.csv"), trace);
		writeFileSync(join(folder, "trace.csv.gz"), gzipSync(trace));
	});

	// Those of the commands that only read are run beside their other tests.
	const acting = /^(migrate|check|jobs|policy|install|uninstall|backtest|version|options)\b/;
	const examples = COMMANDS.filter(({ name }) => acting.test(name)).flatMap(({ examples }) => examples);
	// A decision log is written by a controller, and none runs here.
	const lines = examples.map(([line]) => line).filter((line) => !line.includes("decisions.jsonl"));

	/** One example leaves a request behind that the next ones must not meet, and one needs it. */
	async function prepare(line: string): Promise<void> {
		if (!line.includes(" migrate ")) return;
		await cluster.kubectl(["delete", "qosm", "--all"]);
		if (line.includes("--cancel")) await qos(cluster, "migrate web --yes --wait=false");
	}

	it.each(lines)("%s", async (line) => {
		const ends = ENDS[line] ?? [0];
		await prepare(line);
		const environment = userEnvironment(cluster);
		const path = `${join(cluster.programs.kubectl, "..")}:${environment["PATH"]}`;
		const child = execFile(
			"timeout",
			["-s", "INT", "--foreground", ends.includes(130) ? "10" : "40", "bash", "-c", line],
			{
				cwd: folder,
				env: { ...environment, PATH: path },
			},
		);
		child.stdin?.end();
		let stderr = "";
		child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
		const code = await new Promise((resolve) => child.on("close", resolve));
		expect(stderr).not.toMatch(/unexpected|unknown (command|flag)|--help' for usage/);
		// `timeout` says 124 for what it had to interrupt.
		expect(ends.includes(130) ? [...ends, 124] : ends, stderr).toContain(code);
	});
});

describe("uninstall", () => {
	it("has removed everything, as the last example does", async () => {
		expect(await cluster.kubectl(["get", "crd,clusterrole,mutatingwebhookconfiguration,ns", "-o", "name"])).not.toMatch(
			/kubectl-qos|qos-viewer/,
		);
		const again = await qos(cluster, "uninstall --purge");
		expect(again).toEqual({ code: 0, stdout: "", stderr: "No resources found\n" });
	});
});
