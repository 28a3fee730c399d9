import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import {
	apply,
	deployment,
	ended,
	installCustomResources,
	patchStatus,
	policy,
	qos,
	report,
	startQos,
} from "./plugin-cluster.ts";

let cluster: Cluster;

beforeAll(async () => {
	cluster = await startCluster({ prometheus: false, nodes: 2 });
	await installCustomResources(cluster);
	await apply(cluster, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
	await apply(
		cluster,
		...["web", "db", "old"].map((name) => deployment("shop", name)),
		policy("shop", "fast", ["web", "db", "old"]),
	);
	await report(cluster, "shop", "web");
	await report(cluster, "shop", "db");
	await report(cluster, "shop", "old", new Date(Date.now() - 9 * 60_000));
	const stay = {
		decision: { action: "Stay", reason: "AlreadyBest", message: "edge-1 is the best" },
		recommended: null,
	};
	await patchStatus(cluster, "shop", "qosreport/db", stay);
});
afterAll(() => cluster?.stop());

async function stdoutOf(line: string): Promise<string> {
	const { code, stdout, stderr } = await qos(cluster, line);
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	return stdout;
}

describe("formats", () => {
	test.each([
		"jsonpath={.items[*].metadata.name}",
		"jsonpath={range.items[*]}{.metadata.name}:{.status.decision.reason};{end}",
		'jsonpath={.items[?(@.status.decision.action=="Move")].metadata.name}',
		"custom-columns=NAME:.metadata.name,NODE:.status.current.node,GAIN:.status.recommended.gain",
		"name",
	])("-o %s prints what kubectl prints of the same objects", async (format) => {
		const selected = ["-n", "shop", "--no-headers=false", "-o", format];
		const ours = await qosOf(["predict", "web", "db", ...selected]);
		const theirs = await cluster.kubectl(["get", "qosreports", "web", "db", ...selected]);
		expect(ours).toBe(theirs);
	});

	test.each(["json", "yaml"])("-o %s of a name and of a list prints what kubectl prints", async (format) => {
		const one = ["-n", "shop", "-o", format];
		expect(await qosOf(["predict", "web", ...one])).toBe(await cluster.kubectl(["get", "qosr", "web", ...one]));
		const list = ["web", "db", ...one];
		expect(await qosOf(["predict", ...list])).toBe(await cluster.kubectl(["get", "qosr", ...list]));
	});

	async function qosOf(args: readonly string[]): Promise<string> {
		const child = startQos(cluster, args);
		child.stdin.end();
		const { code, stdout, stderr } = await ended(child);
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		return stdout;
	}

	test("templates and columns may come from files", async () => {
		const file = join(cluster.dir, "template");
		writeFileSync(file, "{.metadata.name}!");
		expect(await stdoutOf(`predict web -n shop -o jsonpath-file=${file}`)).toBe("web!");
		writeFileSync(file, "WHO WHERE\n.metadata.name .status.current.node\n");
		expect(await stdoutOf(`predict web -n shop -o custom-columns-file=${file}`)).toBe("WHO   WHERE\nweb   edge-1\n");
	});

	test("--sort-by and --chunk-size change the order and nothing else", async () => {
		const names = "jsonpath={.items[*].metadata.name}";
		expect(await stdoutOf(`predict -l app!=old -n shop --sort-by=.status.recommended.gain -o ${names}`)).toBe("db web");
		expect(await stdoutOf(`predict -l app!=old -n shop --chunk-size=1 -o ${names}`)).toBe("db web");
		expect(await stdoutOf(`recommend -l app!=old -n shop --chunk-size=1`)).toBe(
			await stdoutOf(`recommend -l app!=old -n shop --chunk-size=0`),
		);
	});

	test("--field-selector is the server's, and its refusal too", async () => {
		expect(await stdoutOf("recommend -n shop --field-selector metadata.name=db -o name")).toBe(
			"qosreport.kubectl-qos.dev/db\n",
		);
		const { code, stderr } = await qos(cluster, "recommend -n shop --field-selector a=b");
		expect(code).toBe(1);
		expect(stderr).toMatch(/^Error from server \(BadRequest\): .*known field selector/);
	});

	test.each(["deploy web -n nope", "deploy --field-selector a=b", "deploy -l a+b"])(
		"%s: the same words as kubectl get",
		async (line) => {
			const kubectl = await cluster.kubectl(["get", ...line.split(" ")]).catch(String);
			const { stderr } = await qos(cluster, `predict ${line}`);
			expect(stderr).toMatch(/^Error from server/);
			expect(kubectl).toContain(stderr.trim());
		},
	);

	test("-f names Deployments by manifests, from a file, a folder and stdin", async () => {
		const folder = join(cluster.dir, "manifests");
		mkdirSync(folder, { recursive: true });
		const file = join(folder, "web.yaml");
		writeFileSync(file, `kind: Service\nmetadata: {name: x}\n---\n${JSON.stringify(deployment("shop", "web"))}\n`);
		for (const path of [file, folder]) {
			expect(await stdoutOf(`predict -f ${path} -o name`)).toBe("qosreport.kubectl-qos.dev/web\n");
		}
		const child = startQos(cluster, ["predict", "-f", "-", "-o", "name"]);
		child.stdin.end(JSON.stringify({ kind: "List", items: [deployment("shop", "db")] }));
		expect((await ended(child)).stdout).toBe("qosreport.kubectl-qos.dev/db\n");
		const missing = await qos(cluster, "predict -f /no/such");
		expect(missing).toEqual({ code: 1, stdout: "", stderr: 'error: the path "/no/such" does not exist\n' });
	});

	test.each([
		["predict -f https://example.com/web.yaml", "error: https://example.com/web.yaml is no file: "],
		["predict web -f x", "error: when paths, URLs, or stdin is provided as resource input"],
		["predict -o jsonpath={.a", "error: error parsing jsonpath {.a, unclosed action"],
		["predict -o jsonpath=", "error: template format specified but no template given"],
		["predict -o custom-columns=A", "error: unexpected custom-columns spec: A, expected <header>:<json-path-expr>"],
		["predict --chunk-size=x", "invalid syntax\nSee 'kubectl qos predict --help' for usage.\n"],
		["predict -v=x", 'error: invalid argument "x" for "-v, --v" flag: strconv.ParseInt'],
	])("%s: kubectl's words", async (line, stderr) => {
		const run = await qos(cluster, line);
		expect(run).toMatchObject({ code: 1, stdout: "" });
		expect(run.stderr).toContain(stderr);
	});

	test("-v=6 tells every request on stderr, and no token", async () => {
		const { stdout, stderr } = await qos(cluster, "predict web -n shop -v=8");
		expect(stdout).toContain("edge-2");
		expect(stderr).toMatch(/^GET https:\/\/\S+\/deployments\/web 200 OK in \d+ milliseconds$/m);
		expect(stderr).not.toContain("Bearer");
	});
});

describe("predict, recommend, explain", () => {
	test("--top shows the best and where it runs; --node what is asked for", async () => {
		const { stdout, stderr } = await qos(cluster, "predict web -n shop --top 1 --no-headers");
		expect(stdout.split("\n").map((row) => row.split(/ +/)[1])).toEqual(["edge-2", "edge-1*", undefined]);
		expect(stderr).toBe("hint: 1 more nodes were evaluated; see them with --all-nodes or --top N\n");
		expect(await stdoutOf("predict web -n shop --node node-1 --no-headers")).toMatch(/^web +node-1 +<unknown> /);
		const wrong = await qos(cluster, "predict web -n shop --node nope --no-headers");
		expect(wrong).toMatchObject({ code: 1, stderr: 'Error from server (NotFound): nodes "nope" not found\n' });
	});

	test("--exit-code: 0 nothing to do, 1 a move, 2 an error of any kind", async () => {
		const code = async (line: string) => (await qos(cluster, line)).code;
		expect(await code("recommend db -n shop --exit-code")).toBe(0);
		expect(await code("recommend old -n shop --exit-code")).toBe(0);
		expect(await code("recommend web db -n shop --exit-code -o json")).toBe(1);
		expect(await code("recommend web nope -n shop --exit-code")).toBe(2);
		expect(await code("recommend --exit-code --bogus")).toBe(2);
		expect(await code("recommend web -n shop")).toBe(0);
	});

	test("an older controller: one warning", async () => {
		const namespace = "kubectl-qos-system";
		await apply(cluster, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
		const image = "ghcr.io/kubectl-qos/qos-controller:0.0.9";
		const labels = { app: "x" };
		const template = { metadata: { labels }, spec: { containers: [{ name: "controller", image }] } };
		await apply(cluster, {
			apiVersion: "apps/v1",
			kind: "Deployment",
			metadata: { namespace, name: "kubectl-qos-controller" },
			spec: { replicas: 0, selector: { matchLabels: labels }, template },
		});
		const { code, stderr } = await qos(cluster, "recommend web db -n shop");
		const move = await qos(cluster, "migrate web -n shop --to edge-2 --dry-run=client");
		await cluster.kubectl(["delete", "namespace", namespace, "--wait=false"]);
		await cluster.kubectl(["delete", "deployment", "kubectl-qos-controller", "-n", namespace, "--ignore-not-found"]);
		expect(code).toBe(0);
		expect(stderr).toMatch(/^warning: the controller is v0\.0\.9, older than this plugin \(v\d[^\n]*\n$/);
		expect(move.stderr).toContain(stderr);
	});

	test("explain has a sentence for every node", async () => {
		const text = await stdoutOf("explain deploy/web -n shop");
		expect(text).toMatch(
			/^ {2}edge-2 is recommended for an expected gain of 22%, lower bound 15%: 30ms \(29-31ms\) predicted/m,
		);
		expect(text).toMatch(/^ {2}edge-1\* is outranked by edge-2 by 11ms, rank 2: 41ms/m);
		expect(text).toMatch(/^ {2}edge-7 is rejected: node\(s\) were unschedulable \(NodeUnschedulable\)\.$/m);
		expect(await stdoutOf("explain web -n shop --node edge-7")).not.toContain("edge-2 is");
		expect((await qos(cluster, "explain")).stderr).toContain("error: name a Deployment: TYPE/NAME");
	});

	test("--refresh without a controller says so, shows the last report, and leaves no job behind", async () => {
		const { code, stdout, stderr } = await qos(cluster, "predict web -n shop --refresh");
		expect(code).toBe(1);
		expect(stdout).toContain("edge-2");
		expect(stderr).toContain("no controller evaluated within 20s");
		expect(await cluster.kubectl(["get", "qosjobs", "-n", "shop", "-o", "name"])).toBe("");
	});

	test("--refresh needs permission to create QoSJobs, and says so", async () => {
		const { code, stderr } = await qos(cluster, "predict web -n shop --refresh --as jane");
		expect(code).toBe(1);
		expect(stderr).toMatch(/^Error from server \(Forbidden\): .*User "jane" cannot create resource "qosjobs"/);
	});
});

describe("history and status", () => {
	beforeAll(async () => {
		const meta = (name: string) => ({ namespace: "shop", name, labels: { "kubectl-qos.dev/workload": "web" } });
		const kind = { apiVersion: "kubectl-qos.dev/v1alpha1", kind: "QoSMigration" };
		await apply(
			cluster,
			{
				...kind,
				metadata: meta("m1"),
				spec: { workload: "web", to: "edge-2", reason: "test", override: ["Cooldown"] },
			},
			{ ...kind, metadata: { ...meta("m2") }, spec: { workload: "db", reason: "test" } },
		);
		const status = {
			phase: "Succeeded",
			from: "edge-1",
			to: "edge-2",
			promised: { value: 0.03, lower: 0.029, upper: 0.031 },
			measuredBefore: 0.048,
			measured: 0.033,
			completedAt: new Date().toISOString(),
			conditions: [
				{
					type: "Complete",
					status: "True",
					reason: "Verified",
					message: "33ms measured",
					lastTransitionTime: new Date().toISOString(),
				},
			],
		};
		await patchStatus(cluster, "shop", "qosmigration/m1", status);
	});

	test("history: trigger, by whom, result, promise against measurement", async () => {
		expect(await stdoutOf("history deploy/web -n shop --no-headers")).toMatch(
			/^web +edge-1 +edge-2 +Forced +\S+ +Succeeded +48ms +30ms +33ms +\S+$/m,
		);
		expect(await stdoutOf("history -n shop -o jsonpath={.items[*].metadata.name} --sort-by=.metadata.name")).toBe(
			"m1 m2",
		);
		expect((await stdoutOf("history -n shop --limit 1 --no-headers")).split("\n")).toHaveLength(2);
		expect((await qos(cluster, "history deploy/nope -n shop")).stderr).toContain('deployments.apps "nope" not found');
		const none = await qos(cluster, "history old -n shop");
		expect(none).toEqual({ code: 0, stdout: "", stderr: "No resources found in shop namespace.\n" });
	});

	test("status tells of controller, policies, models and moves, then of each Deployment", async () => {
		const { code, stdout } = await qos(cluster, "status -n shop");
		expect(code).toBe(0);
		expect(stdout).toMatch(/^Replicas: +<none>: no deployment "kubectl-qos-controller"/m);
		expect(stdout).toMatch(/^Policies: +1: Auto 1$/m);
		expect(stdout).toMatch(/^Reports: +3 of 3 Deployments: .*, 1 stale$/m);
		expect(stdout).toMatch(/^Moves: +1 under way; last shop\//m);
		expect(stdout).toMatch(/^web +edge-1 +Auto +48ms +50ms +ok +\S+ +edge-1->edge-2 +Succeeded +30ms +33ms$/m);
	});
});
