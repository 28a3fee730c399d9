import { describe, expect, it } from "vitest";
import { issueAuthority } from "../../certs/issue.ts";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import { reportThat } from "./harness/workloads.ts";

const stage = useStage({
	nodes: [{ name: "node-1" }, { name: "node-2" }],
	world: {
		nodes: { "node-1": { background: 0.5 }, "node-2": { background: 2 } },
		apps: { web: { serviceTime: "20ms", arrivalRate: 20 } },
	},
});

const WEBHOOK = ["mutatingwebhookconfiguration", "kubectl-qos"] as const;

interface Checked {
	readonly code: string;
	readonly status: string;
	readonly message: string;
	readonly mend?: string;
}

/** What is wrong, by code; plain, JSON and YAML output must exit alike. */
async function problems(...args: readonly string[]): Promise<ReadonlyMap<string, Checked>> {
	const json = await stage.qos("check", "-o", "json", ...args);
	const { good, checks }: { good: boolean; checks: readonly Checked[] } = JSON.parse(json.stdout);
	const found = checks.filter(({ status }) => status === "Warning" || status === "Failed");
	expect(json.code).toBe(found.length > 0 ? 1 : 0);
	expect(good).toBe(found.length === 0);
	for (const { mend } of found) expect(mend).toMatch(/\w/);
	return new Map(found.map((checked) => [checked.code, checked]));
}

/** Until the check of that code complains. */
function found(code: string): Promise<Checked> {
	return stage.waitUntil(`${code} complains`, async () => {
		const all = await problems();
		const checked = all.get(code);
		if (!checked) throw new Error(`only ${[...all.keys()].join(", ") || "nothing"} does`);
		return checked;
	});
}

async function well(): Promise<void> {
	const { code, stdout } = await stage.qos("check", "--wait", "30s");
	expect(stdout).not.toMatch(/^[‼×]/m);
	expect(code).toBe(0);
}

/** The object as it is, to be put back. */
async function saved(...object: readonly string[]): Promise<string> {
	const text = await stage.cluster.kubectl(["get", ...object, "-o", "json"]);
	const { metadata, status: _, ...rest } = JSON.parse(text);
	const { name, namespace: inNamespace, labels, annotations } = metadata;
	return JSON.stringify({ ...rest, metadata: { name, namespace: inNamespace, labels, annotations } });
}

describe("check", () => {
	it("is content with an install that works, and has called the webhook", async () => {
		await stage.apply(namespace("shop"), policy("shop"), deployment({ namespace: "shop", name: "web" }));
		await reportThat(stage, ["shop", "web"], "its measured latency", ({ current }) => current.measured !== undefined);
		await well();
		const { stdout } = await stage.qos("check");
		expect(stdout).toContain("√ [QOS001] CRDs v1alpha1 served\n");
		expect(stdout).toMatch(/√ \[QOS006\] the webhook answers a server dry run \(version v\d/);
		expect(stdout).toMatch(/√ \[QOS010\] plugin and controller have version v\d/);
		expect((await stage.qos("check", "--pre")).code).toBe(0);
	});

	it("finds a policy that selects nothing", async () => {
		const selector = { workloadSelector: { matchLabels: { app: "nobody" } } };
		await stage.apply(policy("shop", selector, "idle"));
		const { message } = await found("QOS015");
		expect(message).toBe("policies select nothing: shop/idle");
		await stage.cluster.kubectl(["delete", "qosp", "idle", "-n", "shop"]);
	});

	it("finds a model that is refused", async () => {
		const spec = { workloadSelector: { matchLabels: { app: "web" } }, model: { builtin: "magic" } };
		await stage.apply(policy("shop", spec, "magic"));
		expect((await found("QOS012")).message).toMatch(/^models are refused: QoSPolicy shop\/magic: Model\w+: .*magic/);
		await stage.cluster.kubectl(["delete", "qosp", "magic", "-n", "shop"]);
		await well();
	});

	it("finds missing RBAC, and names what the controller may not do", async () => {
		const binding = ["clusterrolebinding", "kubectl-qos-controller"];
		const before = await saved(...binding);
		await stage.cluster.kubectl(["delete", ...binding]);
		expect((await found("QOS003")).message).toMatch(/^RBAC: system:serviceaccount:\S+ may not get nodes, list nodes,/);
		await stage.apply(before);
		await well();
	});

	it("finds a webhook that nobody can reach, and one that is gone", async () => {
		const before = await saved(...WEBHOOK);
		const [controller] = stage.controllers;
		controller?.signal("SIGSTOP");
		expect((await found("QOS006")).message).toMatch(/^the webhook did not answer a dry run in namespace \S+ \(https:/);
		controller?.signal("SIGCONT");
		await stage.cluster.kubectl(["delete", ...WEBHOOK]);
		expect((await found("QOS005")).message).toContain("there is no MutatingWebhookConfiguration kubectl-qos");
		await stage.apply(before);
		await well();
	});

	it("finds a version that does not fit", async () => {
		const lease = ["lease", "kubectl-qos", "-n", "kubectl-qos-system"];
		const [controller] = stage.controllers;
		controller?.signal("SIGSTOP");
		await stage.cluster.kubectl(["annotate", ...lease, "--overwrite", "kubectl-qos.dev/version=v99.0.0"]);
		const { message } = await found("QOS010");
		controller?.signal("SIGCONT");
		expect(message).toMatch(/^versions differ: plugin v\S+, controller v99\.0\.0 \(by its Lease\)$/);
		await well();
	});

	it("finds that nobody leads, and predictions that grow old", async () => {
		await stage.controllers[0]?.stop();
		const old = new Date(Date.now() - 9 * 60_000).toISOString();
		const patch = JSON.stringify({ status: { observedAt: old } });
		await stage.cluster.kubectl([
			"patch",
			"qosr",
			"web",
			"-n",
			"shop",
			"--subresource=status",
			"--type=merge",
			"-p",
			patch,
		]);
		expect((await found("QOS009")).message).toMatch(/^no leader: /);
		const { code, stdout } = await stage.qos("check");
		expect(code).toBe(1);
		expect(stdout).toMatch(/^‼ \[QOS014\] predictions of shop\/web are 9m\d*s? old\n {4}mend: /m);
		const waited = await stage.qos("check", "--wait", "2s");
		expect(waited).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: not well within 2s: QOS/) });
	});

	it("finds a certificate that has expired", async () => {
		const expired = await issueAuthority({ now: Date.now() - 30 * 86_400_000, seconds: 86_400 });
		const bundle = Buffer.from(expired.certificate).toString("base64");
		const patch = JSON.stringify([{ op: "replace", path: "/webhooks/0/clientConfig/caBundle", value: bundle }]);
		await stage.cluster.kubectl(["patch", ...WEBHOOK, "--type=json", "-p", patch]);
		expect((await found("QOS007")).message).toMatch(/^the webhook's certificate authority expired at 20\d\d-/);
		await stage.restart();
		await well();
	});

	it("finds a Prometheus that the controller cannot reach", async () => {
		await stage.cluster.freezeProgram("prometheus");
		expect((await found("QOS011")).message).toMatch(/^the controller cannot collect metrics: .*http:\/\/127/);
		await stage.cluster.thawProgram("prometheus");
		await well();
	});

	it("finds CRDs that are not there, and skips what needs them", async () => {
		await stage.cluster.kubectl(["delete", "crd", "qosreports.kubectl-qos.dev"]);
		expect((await found("QOS001")).message).toContain("qosreports.kubectl-qos.dev is not installed");
		const { code, stdout } = await stage.qos("check");
		expect(code).toBe(1);
		expect(stdout).toMatch(/^- \[QOS014\] not looked at without the CRDs$/m);
	});
});
