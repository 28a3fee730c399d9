import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { apply, deployment, installCustomResources, patchStatus, policy, qos, report } from "./plugin-cluster.ts";

/** Reports that somebody else wrote, as far as the API server lets them: no command crashes, hides others or lets them drive the terminal. */

let cluster: Cluster;

beforeAll(async () => {
	cluster = await startCluster({ prometheus: false });
	await installCustomResources(cluster);
	await apply(cluster, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
	const objects = ["web", "cart"].map((name) => deployment("shop", name));
	await apply(cluster, ...objects, policy("shop", "fast", ["web", "cart"]));
	for (const name of ["web", "cart"]) await report(cluster, "shop", name);
});
afterAll(() => cluster?.stop());

async function rewritten(status: object): Promise<void> {
	await report(cluster, "shop", "web");
	await patchStatus(cluster, "shop", "qosreport/web", status);
}

describe("a report that predicts nothing", () => {
	const decision = { action: "Unknown", reason: "MetricsAbsent", message: "Prometheus does not answer" };

	beforeAll(() => rewritten({ decision, nodes: [{ name: "edge-1", feasible: true }] }));
	afterAll(() => rewritten({}));

	test("stderr says why", async () => {
		const { code, stdout, stderr } = await qos(cluster, "predict -n shop");
		expect(stdout).toMatch(/^web +edge-1\*? +<unknown> /m);
		expect([code, stderr.trimEnd().split("\n")]).toEqual([
			0,
			[
				"hint: 2 more nodes were evaluated; see them with --all-nodes or --top N",
				'hint: nothing is predicted for deployment "web": Prometheus does not answer',
			],
		]);
	});
});

describe("a report with a part missing", () => {
	const line =
		"error: QoSReport shop/web is invalid: status.decision: Invalid input: expected object, received undefined; plugin and CRDs differ ('kubectl qos version' tells), or somebody else wrote it\n";

	beforeAll(() => rewritten({ decision: null }));
	afterAll(() => rewritten({}));

	test.each(["predict", "recommend", "status"])("%s shows the others, and says what is wrong with it", async (verb) => {
		const { code, stdout, stderr } = await qos(cluster, `${verb} -n shop`);
		expect([code, stderr]).toEqual([1, line]);
		expect(stdout).toMatch(/^cart /m);
		expect(stdout).not.toMatch(/^web /m);
	});

	test.each(["predict deploy/web", "explain deploy/web", "migrate deploy/web --yes"])("%s: one line", async (verb) => {
		expect(await qos(cluster, `${verb} -n shop`)).toEqual({ code: 1, stdout: "", stderr: line });
	});
});

test("numbers beyond all bounds are unknown", async () => {
	await rewritten({ recommended: { gain: 1e308, gainLowerBound: -1e308 } });
	const { stdout } = await qos(cluster, "recommend deploy/web -n shop");
	expect(stdout).toMatch(/^web +edge-1 +edge-2 +<unknown> /m);
	await rewritten({});
});

test("no word of it drives the terminal or breaks a line", async () => {
	const message = "\u001b]0;title\u0007one\ntwo\u202e";
	await rewritten({ decision: { action: "Stay", reason: "\u001b[31mRed", message } });
	for (const verb of ["recommend deploy/web -o wide", "explain deploy/web", "migrate deploy/web --dry-run=server"]) {
		const { code, stdout, stderr } = await qos(cluster, `${verb} -n shop`);
		expect(code).toBe(0);
		expect(stdout + stderr).toContain("]0;titleone two");
		expect(stdout + stderr).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
	}
});
