import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import {
	apply,
	deployment,
	ended,
	installCustomResources,
	kubeconfigFor,
	policy,
	qos,
	report,
	startQos,
	userEnvironment,
} from "./plugin-cluster.ts";

let cluster: Cluster;

beforeAll(async () => {
	cluster = await startCluster({ prometheus: false });
	await apply(cluster, ...["shop", "empty", "ungoverned"].map(namespace), deployment("shop", "web"));
});
afterAll(() => cluster?.stop());

function namespace(name: string): object {
	return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

const NOT_FOUND = 'Error from server (NotFound): deployments.apps "nope" not found\n';

describe("before anything is installed", () => {
	test.each(["predict", "recommend", "status", "migrate web --yes"])(
		"%s says what is missing and how to mend it",
		async (command) => {
			const { code, stdout, stderr } = await qos(cluster, `${command} -n shop`);
			expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
			expect(stderr).toMatch(
				/^error: the server does not serve qos\w+\.kubectl-qos\.dev: .*kubectl apply -k [^\n]+\n$/,
			);
		},
	);

	test("version tells that nothing is installed", async () => {
		const { code, stdout } = await qos(cluster, "version");
		expect(code).toBe(0);
		expect(stdout).toMatch(/Server Version: v1\.36\.\d+\nServer API: <none> /);
	});
});

describe("with the CRDs installed", () => {
	beforeAll(async () => {
		await installCustomResources(cluster);
		await apply(
			cluster,
			...["db", "007", "1e3", "old", "new", "free"].map((name) => deployment("shop", name)),
			deployment("ungoverned", "app"),
			policy("shop", "fast", ["web", "db", "007", "1e3", "old", "new"]),
		);
		for (const name of ["web", "db", "007", "1e3"]) await report(cluster, "shop", name);
		await report(cluster, "shop", "old", new Date(Date.now() - 9 * 60_000));
	});

	test("predict shows a Deployment on every node", async () => {
		const { code, stdout, stderr } = await qos(cluster, "predict deploy/web -n shop");
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		expect(stdout.replaceAll(/\b\d+s$/gm, "AGE")).toBe(
			[
				"NAME   NODE      PREDICTED   INTERVAL    SLO         FEASIBLE   AGE",
				"web    edge-2    30ms        29-31ms     ok          True       AGE",
				"web    edge-1*   41ms        36-47ms     ok          True       AGE",
				"web    edge-7    <unknown>   <unknown>   <unknown>   False      AGE",
				"",
			].join("\n"),
		);
	});

	test("predict finds nothing by a wrong name, in kubectl's words", async () => {
		expect(await qos(cluster, "predict deploy/nope -n shop")).toEqual({ code: 1, stdout: "", stderr: NOT_FOUND });
		const kubectl = await cluster.kubectl(["get", "deploy/nope", "-n", "shop"]).catch(String);
		expect(kubectl).toContain(NOT_FOUND.trim());
	});

	test.each(["", "-o json", "-o yaml", "-o name", "-o wide"])(
		"a good and a bad name %s: what was found, then 1",
		async (output) => {
			const { code, stdout, stderr } = await qos(cluster, `predict deploy/web nope -n shop ${output}`);
			expect({ code, stderr }).toEqual({ code: 1, stderr: NOT_FOUND });
			expect(stdout).toContain("web");
		},
	);

	test.each(["deployment web db", "deploy/web deployments.apps/db", "web db", "deployments.v1.apps/web db"])(
		"takes names as kubectl does: %s",
		async (names) => {
			const { code, stdout } = await qos(cluster, `recommend ${names} -n shop --no-headers`);
			expect(code).toBe(0);
			expect(stdout).toBe(
				["db    ", "web   "]
					.toSorted((left, right) => names.indexOf(left.trim()) - names.indexOf(right.trim()))
					.map((name) => `${name.trim().padEnd(3)}   edge-1   edge-2   22%   Move   GainAboveMargin\n`)
					.join(""),
			);
		},
	);

	test("names that look like numbers stay names, and -oname -nNS are read like -o name -n NS", async () => {
		const { stdout } = await qos(cluster, "predict 007 1e3 -oname -nshop");
		expect(stdout).toBe("qosreport.kubectl-qos.dev/007\nqosreport.kubectl-qos.dev/1e3\n");
		expect((await qos(cluster, "predict 007 1e3 -n empty -o json -n shop -o name")).stdout).toBe(stdout);
	});

	test("an empty namespace: kubectl's line on stderr, 0, and an empty List as JSON", async () => {
		const stderr = "No resources found in empty namespace.\n";
		expect(await qos(cluster, "predict -n empty")).toEqual({ code: 0, stdout: "", stderr });
		expect(await qos(cluster, "recommend -n empty")).toEqual({ code: 0, stdout: "", stderr });
		const json = await qos(cluster, "predict -n empty -o json");
		expect(json).toMatchObject({ code: 0, stderr });
		expect(JSON.parse(json.stdout)).toEqual({
			apiVersion: "v1",
			items: [],
			kind: "List",
			metadata: { resourceVersion: "" },
		});
	});

	test("a namespace whose Deployments no policy selects: says so", async () => {
		const { code, stdout, stderr } = await qos(cluster, "predict -n ungoverned");
		expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
		expect(stderr).toBe(
			"No resources found in ungoverned namespace.\nhint: no QoSPolicy selects any of the 1 Deployments there\n",
		);
	});

	test("a Deployment without a report is unknown, and stderr says which policy it needs", async () => {
		const { code, stdout, stderr } = await qos(cluster, "recommend free -n shop");
		expect(code).toBe(0);
		expect(stdout).toMatch(/^free +<unknown> +<unknown> +<unknown> +<unknown> +NoPolicy$/m);
		expect(stderr).toBe(
			'hint: no QoSPolicy selects deployment "free" in namespace "shop"; create one there: spec.workloadSelector must match app=free\n',
		);
		const governed = await qos(cluster, "predict new -n shop");
		expect(governed.stdout).toMatch(/^new +<unknown> +<unknown>/m);
		expect(governed.stderr).toContain('QoSPolicy "fast" selects deployment "new"');
	});

	test("a stale report is marked, shows no number, and recommends to stay, as JSON too", async () => {
		const predicted = await qos(cluster, "predict old -n shop");
		expect(predicted.stdout).toMatch(/^old +edge-1\* +<unknown> +<unknown> +<unknown> +<unknown> +\d+m\w* \(stale\)$/m);
		expect(predicted.stderr).toMatch(/^warning: 1 report is stale/);
		expect((await qos(cluster, "recommend old -n shop")).stdout).toMatch(
			/^old +edge-1 +<none> +<unknown> +Stay +PredictionStale$/m,
		);
		const { status } = JSON.parse((await qos(cluster, "recommend old -n shop -o json")).stdout);
		expect(status.decision.action).toBe("Stay");
		expect(status.recommended).toBeUndefined();
	});

	test("one name as JSON is the QoSReport that the server has; all of them are a List", async () => {
		const one = JSON.parse((await qos(cluster, "predict web -n shop -o json")).stdout);
		expect(one).toStrictEqual(JSON.parse(await cluster.kubectl(["get", "qosr/web", "-n", "shop", "-o", "json"])));
		const all = JSON.parse((await qos(cluster, "predict -A -o json")).stdout);
		const names = all.items.map((item: { metadata: { name: string } }) => item.metadata.name).toSorted();
		expect(names).toEqual(["007", "1e3", "db", "new", "old", "web"]);
	});

	test("-l selects Deployments, -A tells the namespace", async () => {
		const { stdout } = await qos(cluster, "recommend -A -l app=db");
		expect(stdout).toBe(
			[
				"NAMESPACE   NAME   CURRENT   RECOMMENDED   GAIN   ACTION   REASON",
				"shop        db     edge-1    edge-2        22%    Move     GainAboveMargin",
				"",
			].join("\n"),
		);
	});

	test("status tells that no controller is there, and what is measured", async () => {
		const { code, stdout } = await qos(cluster, "status web -n shop");
		expect(code).toBe(0);
		expect(stdout).toMatch(/^Controller: <none>: no Lease "kubectl-qos" in namespace "kubectl-qos-system"/);
		expect(stdout).toMatch(/^web +edge-1 +Auto +48ms +50ms +ok +\d+s +<none> +<none> +<none> +<none>$/m);
	});

	test.each([
		["predict web -A", "error: a resource cannot be retrieved by name across all namespaces\n"],
		["predict web -l a=b", "error: name cannot be provided when a selector is specified\n"],
		["predict --x", "error: unknown flag: --x\nSee 'kubectl qos predict --help' for usage.\n"],
		["predict -n shop --context nope", /^error: context "nope" does not exist; there are: [^\n]+\n$/],
		["predict -n shop --kubeconfig /no/such", "error: stat /no/such: no such file or directory\n"],
	])("%s: one line and 1", async (line, stderr) => {
		const run = await qos(cluster, line);
		expect(run).toMatchObject({ code: 1, stdout: "" });
		expect(run.stderr).toEqual(typeof stderr === "string" ? stderr : expect.stringMatching(stderr));
	});

	test("whoever may not read is told what, by the server's words", async () => {
		const { code, stdout, stderr } = await qos(cluster, "predict -n shop --as jane");
		expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
		expect(stderr).toMatch(/^Error from server \(Forbidden\): \S+ is forbidden: User "jane" cannot list [^\n]+\n$/);
	});

	test("the server sees the user, groups and uid that the flags name", async () => {
		const identity = "--as jane --as-group dev --as-group qa";
		const rules = [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list"] }];
		const meta = { name: "qa-reads" };
		const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "qa-reads" };
		const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "qa" }];
		await apply(
			cluster,
			{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: meta, rules },
			{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", metadata: meta, roleRef, subjects },
		);
		expect((await qos(cluster, `predict web -n shop ${identity}`)).code).toBe(0);
		expect((await qos(cluster, "predict web -n shop --as jane --as-group dev")).code).toBe(1);
	});

	test("an unreachable server: kubectl's line", async () => {
		const KUBECONFIG = kubeconfigFor(cluster, { server: "https://127.0.0.1:1" });
		const { code, stdout, stderr } = await qos(cluster, "predict", { KUBECONFIG });
		expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
		expect(stderr).toBe(
			"The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n",
		);
	});

	test("a server whose certificate is not trusted: says where to look", async () => {
		const KUBECONFIG = kubeconfigFor(cluster, { server: cluster.apiServerUrl });
		const { code, stderr } = await qos(cluster, "predict", { KUBECONFIG });
		expect(code).toBe(1);
		expect(stderr).toMatch(/^Unable to connect to the server: [^\n]+; check certificate-authority[^\n]+\n$/);
	});

	test("a user without a valid token is told to log in", async () => {
		const server = { server: cluster.apiServerUrl, "insecure-skip-tls-verify": true };
		const KUBECONFIG = kubeconfigFor(cluster, server, { token: "wrong" });
		const { code, stderr } = await qos(cluster, "predict", { KUBECONFIG });
		expect(code).toBe(1);
		expect(stderr).toBe("error: You must be logged in to the server (Unauthorized)\n");
	});

	test("KUBECONFIG may name several files, missing ones too", async () => {
		const file = join(cluster.dir, "context-only");
		const contexts = [{ name: "mine", context: { cluster: "local", user: "admin", namespace: "shop" } }];
		const names = JSON.parse(await cluster.kubectl(["config", "view", "-o", "json"]));
		Object.assign(contexts[0]?.context ?? {}, { cluster: names.clusters[0].name, user: names.users[0].name });
		writeFileSync(file, JSON.stringify({ contexts, "current-context": "mine" }));
		const run = await qos(cluster, "predict web -o name", {
			KUBECONFIG: `/no/such:${file}:${cluster.kubeconfig}`,
		});
		expect(run).toEqual({ code: 0, stdout: "qosreport.kubectl-qos.dev/web\n", stderr: "" });
	});

	test("the language of the terminal changes nothing", async () => {
		const german = { LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8", LANGUAGE: "de" };
		for (const line of ["predict --help", "predict --x", "recommend web -n shop"]) {
			expect(await qos(cluster, line, german)).toEqual(await qos(cluster, line));
		}
	});

	test("a reader that has enough: no stack trace, 141", async () => {
		const child = startQos(cluster, ["predict", "-A", "-l", "app=web", "-o", "json"]);
		child.stdin.end();
		child.stdout.destroy();
		const [stderr, code] = await new Promise<[string, number | null]>((resolve) => {
			let said = "";
			child.stderr.on("data", (chunk) => (said += String(chunk)));
			child.on("exit", (exitCode) => resolve([said, exitCode]));
		});
		expect([stderr, code]).toEqual(["", 141]);
	});

	test("a slow reader gets all of more than 64 KiB", async () => {
		const names = Array.from({ length: 60 }, (_, index) => `bulk-${index}`);
		await apply(
			cluster,
			namespace("bulk"),
			policy("bulk", "fast", ["web"]),
			...names.map((name) => deployment("bulk", name)),
		);
		await apply(
			cluster,
			...names.map((name) => ({
				apiVersion: "kubectl-qos.dev/v1alpha1",
				kind: "QoSReport",
				metadata: { namespace: "bulk", name, annotations: { padding: "x".repeat(2000) } },
			})),
		);
		const shell = spawn("sh", ["-c", '"$0" qos predict -n bulk -o json | (sleep 1; cat)', cluster.programs.kubectl], {
			env: userEnvironment(cluster),
		});
		shell.stdin.end();
		const { stdout } = await ended(shell);
		expect(stdout.length).toBeGreaterThan(65_536);
		expect(JSON.parse(stdout).items).toHaveLength(60);
	});
});
