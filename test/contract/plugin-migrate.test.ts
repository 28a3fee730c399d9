import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { runPlugin } from "../../cmd/kubectl-qos/root.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { recordingTerminal } from "../unit/plugin/terminal.ts";
import {
	apply,
	deployment,
	ended,
	installCustomResources,
	migrations,
	policy,
	qos,
	report,
	startQos,
	takeUp,
} from "./plugin-cluster.ts";

let cluster: Cluster;

beforeAll(async () => {
	cluster = await startCluster({ prometheus: false });
	await installCustomResources(cluster);
	const names = ["web", "old", "free", "frozen"];
	await apply(
		cluster,
		{ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
		...names.map((name) => deployment("shop", name)),
		policy("shop", "fast", ["web", "old"]),
		policy("shop", "stopped", ["frozen"], { suspend: true }),
	);
	await report(cluster, "shop", "web");
	await report(cluster, "shop", "old", new Date(Date.now() - 9 * 60_000));
});
afterAll(() => cluster?.stop());
afterEach(() => cluster.kubectl(["delete", "qosm", "--all", "-n", "shop"]));

test("creates a request, says first what would happen, and claims no identity", async () => {
	const { code, stdout, stderr } = await qos(cluster, "migrate deploy/web --to edge-2 --force -y -n shop --wait=false");
	expect(code).toBe(0);
	expect(stdout).toMatch(/^qosmigration\.kubectl-qos\.dev\/web-\w+ created\n$/);
	expect(stderr).toContain("deployment.apps/web in namespace shop: edge-1 -> edge-2\n");
	expect(stderr).toContain("latency: measured 48ms, predicted there 30ms (29-31ms), gain 22%");
	expect(stderr).toContain("--force sets aside: Cooldown (15m), MinGain (10%), Confidence (90%), Disruption");
	const [request] = await migrations(cluster);
	expect(request?.spec).toEqual({
		workload: "web",
		to: "edge-2",
		override: ["Cooldown", "MinGain", "Confidence", "Disruption"],
		reason: "asked for with kubectl qos migrate",
	});
});

test("without --to and --force: the best place, with all checks", async () => {
	const { code, stderr } = await qos(cluster, "migrate web -y -n shop --wait=false --reason because");
	expect(code).toBe(0);
	expect(stderr).toContain("edge-1 -> the best place at that time");
	expect((await migrations(cluster))[0]?.spec).toEqual({ workload: "web", reason: "because" });
});

test.each([
	["--to edge-7", 'error: deployment "web" cannot run on edge-7: NodeUnschedulable: node(s) were unschedulable\n'],
	[
		"--to nope",
		'error: deployment "web" cannot run on nope: UnknownDestination: it may not run on any node with kubernetes.io/hostname=nope; there are: edge-2, edge-1, edge-7\n',
	],
])("%s is refused by name, and nothing is created", async (to, stderr) => {
	expect(await qos(cluster, `migrate web ${to} --force -y -n shop`)).toEqual({ code: 1, stdout: "", stderr });
	expect(await migrations(cluster)).toEqual([]);
});

test.each([
	["nope", 'Error from server (NotFound): deployments.apps "nope" not found\n'],
	[
		"free",
		'error: no QoSPolicy selects deployment "free" in namespace "shop"; create one there: spec.workloadSelector must match app=free\n',
	],
	["frozen", 'error: QoSPolicy "stopped" is suspended: nothing moves while spec.suspend is true\n'],
])("%s cannot be moved: one line", async (name, stderr) => {
	expect(await qos(cluster, `migrate ${name} -y -n shop`)).toEqual({ code: 1, stdout: "", stderr });
	expect(await migrations(cluster)).toEqual([]);
});

test("has nothing to do where it runs already", async () => {
	expect(await qos(cluster, "migrate web --to edge-1 -y -n shop")).toEqual({
		code: 0,
		stdout: "",
		stderr: "deployment.apps/web already runs on edge-1; nothing to do\n",
	});
});

test("with a stale report: says that it cannot check, and leaves it to the controller", async () => {
	const metadata = { name: "edge-7", labels: { "kubernetes.io/hostname": "edge-7" } };
	await apply(cluster, { apiVersion: "v1", kind: "Node", metadata });
	const { code, stderr } = await qos(cluster, "migrate old --to edge-7 -y -n shop --wait=false");
	expect(code).toBe(0);
	expect(stderr).toContain("warning: there is no fresh report: the controller checks the destination itself");
	expect(stderr).not.toContain("measured");
});

test("does not queue behind a move that is under way", async () => {
	await qos(cluster, "migrate web -y -n shop --wait=false");
	const { code, stderr } = await qos(cluster, "migrate web --to edge-2 -y -n shop");
	expect(code).toBe(1);
	expect(stderr).toMatch(
		/^error: deployment "web" is being moved already: qosmigration "web-\w+" is Pending; stop that with --cancel\n$/,
	);
	expect(await migrations(cluster)).toHaveLength(1);
});

test("nobody to ask: wants --yes, and nothing is created", async () => {
	const { code, stdout, stderr } = await qos(cluster, "migrate web --force -n shop");
	expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
	expect(stderr).toMatch(/--force sets aside[^]*error: nobody can be asked here [^\n]*confirm with --yes\n$/);
	expect(await migrations(cluster)).toEqual([]);
});

test.each([
	["n", 1, "error: not confirmed; nothing was created\n"],
	["", 1, "error: not confirmed; nothing was created\n"],
	[undefined, 130, "\nnothing was created\n"],
])("asks at a terminal, and takes %s for no", async (answer, code, said) => {
	const { terminal, output } = askedTerminal(answer);
	expect(await runPlugin(["migrate", "web", "--force", "-n", "shop"], terminal)).toBe(code);
	expect(output.stdout).toBe("");
	expect(output.stderr).toMatch(/--force sets aside.*\nMove it\? \[y\/N\] /);
	expect(output.stderr.endsWith(said)).toBe(true);
	expect(await migrations(cluster)).toEqual([]);
});

test("asks at a terminal, and goes on with yes", async () => {
	const { terminal } = askedTerminal("Y");
	expect(await runPlugin(["migrate", "web", "-n", "shop", "--wait=false"], terminal)).toBe(0);
	expect(await migrations(cluster)).toHaveLength(1);
});

function askedTerminal(answer: string | undefined): ReturnType<typeof recordingTerminal> {
	const asked = recordingTerminal({
		interactive: true,
		environment: { KUBECONFIG: cluster.kubeconfig },
		now: Date.now,
		ask: (question) => {
			asked.output.stderr += question;
			return Promise.resolve(answer);
		},
	});
	return asked;
}

test("dry runs print the request and store nothing; the server judges its own", async () => {
	const client = await qos(cluster, "migrate web --to edge-2 -n shop --dry-run=client");
	expect(client).toMatchObject({ code: 0, stdout: "qosmigration.kubectl-qos.dev/web- created (dry run)\n" });
	const server = await qos(cluster, "migrate web --to edge-2 -n shop --dry-run server -o yaml");
	expect(server.code).toBe(0);
	expect(server.stdout).toMatch(/^kind: QoSMigration$/m);
	expect(server.stdout).toMatch(/^ {2}to: edge-2$/m);
	expect(server.stdout).not.toContain("managedFields");
	const invalid = await qos(cluster, "migrate web -n shop --dry-run=server", {});
	expect(invalid.stdout).toMatch(/ created \(server dry run\)\n$/);
	expect(await migrations(cluster)).toEqual([]);
});

test("what --dry-run=client -o json prints, kubectl can create", async () => {
	const { stdout } = await qos(cluster, "migrate web --to edge-2 -n shop --dry-run=client -o json");
	await cluster.kubectl(["create", "-f", "-"], stdout);
	expect(await migrations(cluster)).toMatchObject([{ spec: { workload: "web", to: "edge-2" } }]);
});

test("whoever may read but not create is told so, naming the verb", async () => {
	const rules = [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list"] }];
	const metadata = { name: "reader" };
	const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reader" };
	const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jane" }];
	const apiVersion = "rbac.authorization.k8s.io/v1";
	await apply(
		cluster,
		{ apiVersion, kind: "ClusterRole", metadata, rules },
		{ apiVersion, kind: "ClusterRoleBinding", metadata, roleRef, subjects },
	);
	const { code, stdout, stderr } = await qos(cluster, "migrate web -y -n shop --as jane");
	expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
	expect(stderr).toMatch(
		/\nError from server \(Forbidden\): \S+ is forbidden: User "jane" cannot create resource [^\n]+\n$/,
	);
	expect(await migrations(cluster)).toEqual([]);
});

test("waits, tells the phases, and compares promise with measurement", async () => {
	const running = qos(cluster, "migrate web --to edge-2 -y -n shop");
	await takeUp(cluster, { phase: "Rolling", from: "edge-1", to: "edge-2" });
	await sleep(1500);
	await takeUp(cluster, { phase: "Succeeded", promised: { value: 0.03, lower: 0.029, upper: 0.031 }, measured: 0.032 });
	const { code, stdout, stderr } = await running;
	expect(code).toBe(0);
	expect(stderr).toMatch(/web-\w+: Rolling edge-1 -> edge-2\n[^]*web-\w+: Succeeded/);
	expect(stdout).toMatch(/ created\ndeployment.apps\/web migrated: edge-1 -> edge-2, promised 30ms, measured 32ms\n$/);
});

test.each(["Rejected", "Failed", "Reverted"])("%s: 1, with the reason", async (phase) => {
	const running = qos(cluster, "migrate web --to edge-2 -y -n shop -o json");
	const since = new Date().toISOString();
	const message = "14m left";
	await takeUp(cluster, {
		phase,
		conditions: [{ type: "Complete", status: "True", reason: "CoolingDown", message, lastTransitionTime: since }],
	});
	const { code, stdout, stderr } = await running;
	expect(code).toBe(1);
	expect(stderr).toMatch(
		new RegExp(`\nerror: qosmigrations.kubectl-qos.dev "web-\\w+": ${phase}: CoolingDown: 14m left\n$`),
	);
	expect(JSON.parse(stdout).status.phase).toBe(phase);
});

test("--timeout: 1, and says that the request remains and how to cancel it", async () => {
	const { code, stderr } = await qos(cluster, "migrate web -y -n shop --timeout 1s");
	expect(code).toBe(1);
	expect(stderr).toMatch(
		/error: timed out waiting for it; migration web-\w+ continues in the background; .*cancel it with 'kubectl qos migrate deploy\/web -n shop --cancel'\n$/,
	);
	expect(await migrations(cluster)).toHaveLength(1);
});

test.each([
	["missing", "UnknownDestination: no node has the label kubernetes.io/hostname=missing"],
	["cordoned", "NodeUnschedulable: cordoned is cordoned (unschedulable)"],
])("without a report, --to a %s node is refused by what the API server knows of it", async (to, reason) => {
	const metadata = { name: "cordoned", labels: { "kubernetes.io/hostname": "cordoned" } };
	await apply(cluster, { apiVersion: "v1", kind: "Node", metadata, spec: { unschedulable: true } });
	const run = await qos(cluster, `migrate old --to ${to} --force -y -n shop`);
	expect(run).toMatchObject({ code: 1, stdout: "" });
	expect(run.stderr).toBe(`error: deployment "old" cannot run on ${to}: ${reason}\n`);
	expect(await migrations(cluster)).toEqual([]);
});

test("Ctrl-C while waiting: 130, and the migration goes on", async () => {
	const child = startQos(cluster, ["migrate", "web", "-y", "-n", "shop"]);
	child.stdin.end();
	const run = ended(child);
	await once(child.stdout, "data");
	await sleep(300);
	child.kill("SIGINT");
	const { code, stderr } = await run;
	expect(code).toBe(130);
	expect(stderr).toMatch(/\nmigration web-\w+ continues in the background; [^\n]+\n$/);
	expect(await migrations(cluster)).toHaveLength(1);
});

test("status shows the last move and the leader", async () => {
	await apply(
		cluster,
		{ apiVersion: "v1", kind: "Namespace", metadata: { name: "kubectl-qos-system" } },
		{
			apiVersion: "coordination.k8s.io/v1",
			kind: "Lease",
			metadata: { name: "kubectl-qos", namespace: "kubectl-qos-system" },
			spec: {
				holderIdentity: "qos-1",
				leaseDurationSeconds: 15,
				renewTime: new Date().toISOString().replace("Z", "000Z"),
			},
		},
	);
	await qos(cluster, "migrate web --to edge-2 -y -n shop --wait=false");
	await takeUp(cluster, {
		phase: "Verifying",
		from: "edge-1",
		to: "edge-2",
		promised: { value: 0.03, lower: 0.029, upper: 0.031 },
	});
	const { stdout } = await qos(cluster, "status web -n shop");
	expect(stdout).toMatch(/^Controller: qos-1 leads, renewed \d+s ago\n\nNAME/);
	expect(stdout).toMatch(/^web .* edge-1->edge-2 +Verifying +30ms +<unknown>$/m);
	const json = JSON.parse((await qos(cluster, "status web -n shop -o json")).stdout);
	const kinds = json.items.map((item: { kind: string }) => item.kind);
	expect(kinds).toEqual(["Lease", "QoSReport", "QoSMigration"]);
	const blind = await qos(cluster, "status web -n shop --as jane --controller-namespace kube-system --no-headers");
	expect(blind.stdout).toMatch(/^web /);
});

test("a controller that is gone is told from its Lease", async () => {
	const spec = { holderIdentity: "qos-1", leaseDurationSeconds: 15, renewTime: "2020-01-01T00:00:00.000000Z" };
	const metadata = { name: "kubectl-qos", namespace: "default" };
	await apply(cluster, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec });
	const { stdout } = await qos(cluster, "status -n shop --controller-namespace default");
	expect(stdout).toMatch(/^Controller: no leader; qos-1 renewed its Lease \d+y\w* ago; is it running\?\n/);
});
