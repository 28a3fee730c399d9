import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { FlagValues } from "../../cmd/kubectl-qos/arguments/flags.ts";
import { openSession } from "../../cmd/kubectl-qos/client/session.ts";
import { remove } from "../../cmd/kubectl-qos/client/writing.ts";
import { resourcePath } from "../../src/api/v1alpha1/group.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { recordingTerminal } from "../unit/plugin/terminal.ts";
import {
	apply,
	deployment,
	installCustomResources,
	migrations,
	policy,
	qos,
	report,
	takeUp,
} from "./plugin-cluster.ts";

let cluster: Cluster;

beforeAll(async () => {
	cluster = await startCluster({ prometheus: false });
	await installCustomResources(cluster);
	await apply(
		cluster,
		{ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
		deployment("shop", "web"),
		policy("shop", "fast", ["web"]),
	);
	await report(cluster, "shop", "web");
});
afterAll(() => cluster?.stop());
/** Waits until the migration carries the request to cancel it. */
function annotated(): Promise<void> {
	return vi.waitFor(async () => {
		const [request] = await migrations(cluster);
		expect(request?.metadata.annotations).toEqual({ "kubectl-qos.dev/cancel": "true" });
	}, 10_000);
}

afterEach(() => cluster.kubectl(["delete", "qosm", "--all", "-n", "shop"]));

test("--cancel before anybody began: the request is gone, with and without a controller", async () => {
	await qos(cluster, "migrate web -y -n shop --wait=false");
	const dry = await qos(cluster, "migrate web --cancel -n shop --dry-run=server");
	expect(dry.stdout).toMatch(/^qosmigration\.kubectl-qos\.dev\/web-\w+ cancelled \(server dry run\)\n$/);
	expect(await migrations(cluster)).toHaveLength(1);
	const { code, stdout } = await qos(cluster, "migrate web --cancel -n shop");
	expect(code).toBe(0);
	expect(stdout).toMatch(/^qosmigration\.kubectl-qos\.dev\/web-\w+ cancelled\n$/);
	expect(await migrations(cluster)).toEqual([]);
});

test("--cancel of one that has begun: annotated, and waited for", async () => {
	await qos(cluster, "migrate web -y -n shop --wait=false");
	await takeUp(cluster, { phase: "Rolling", from: "edge-1", to: "edge-2" });
	const running = qos(cluster, "migrate web --cancel -n shop");
	await annotated();
	const lastTransitionTime = new Date().toISOString();
	const message = "cancelled by admin";
	await takeUp(cluster, {
		phase: "Reverted",
		conditions: [{ type: "Complete", status: "True", reason: "Cancelled", message, lastTransitionTime }],
	});
	expect(await running).toMatchObject({
		code: 0,
		stdout: expect.stringMatching(/web-\w+ cancelled\n$/),
		stderr: expect.stringContaining("Reverted edge-1 -> edge-2: cancelled by admin"),
	});
});

test("--cancel when it ended by itself in the meantime: 1, and how to go back", async () => {
	await qos(cluster, "migrate web -y -n shop --wait=false");
	await takeUp(cluster, { phase: "Verifying", from: "edge-1", to: "edge-2" });
	const running = qos(cluster, "migrate web --cancel -n shop");
	await annotated();
	await takeUp(cluster, { phase: "Succeeded" });
	const { code, stderr } = await running;
	expect(code).toBe(1);
	expect(stderr).toMatch(/"web-\w+" had ended before: Succeeded; go back from it with --revert\n$/);
});

test.each([
	["web --cancel", /^error: no migration of deployment "web" is under way; .*--revert\n$/],
	["nope --cancel", /^Error from server \(NotFound\): deployments.apps "nope" not found\n$/],
	["web --revert", /^error: no migration of deployment "web" is known, so there is nothing to revert\n$/],
	["web --cancel --to edge-2", /^error: --cancel and --to cannot be used together\n$/],
])("migrate %s: one line", async (line, stderr) => {
	const run = await qos(cluster, `migrate ${line} -y -n shop`);
	expect(run).toMatchObject({ code: 1, stdout: "" });
	expect(run.stderr).toMatch(stderr);
});

test("--revert asks for the way back of the last move, and sets aside what forbids it", async () => {
	await qos(cluster, "migrate web -y -n shop --wait=false");
	const now = new Date().toISOString();
	await takeUp(cluster, { phase: "Succeeded", from: "edge-2", to: "edge-1", startedAt: now, completedAt: now });
	const [first] = await migrations(cluster);
	const { code, stderr } = await qos(cluster, "migrate web --revert -y -n shop --wait=false");
	expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("edge-1 -> edge-2\n") });
	expect(stderr).toContain("it sets aside: Cooldown (15m), MinGain (10%), Confidence (90%); never");
	const made = (await migrations(cluster)).find(({ metadata }) => metadata.name !== first?.metadata.name);
	expect(made?.spec).toEqual({
		workload: "web",
		to: "edge-2",
		override: ["Cooldown", "MinGain", "Confidence"],
		reason: `revert of ${first?.metadata.name}`,
	});
});

test("deletes only what has not changed since it was read", async () => {
	await qos(cluster, "migrate web -y -n shop --wait=false");
	const [request] = await migrations(cluster);
	const name = request?.metadata.name ?? "";
	const environment = { KUBECONFIG: cluster.kubeconfig };
	const { client } = await openSession(new FlagValues({}), recordingTerminal({ environment }).terminal);
	const path = resourcePath("QoSMigration", "shop", name);
	const stale = remove(client, path, { preconditions: { resourceVersion: "1" } });
	await expect(stale).rejects.toMatchObject({ reason: "Conflict" });
	expect(await migrations(cluster)).toHaveLength(1);
	await remove(client, path);
	expect(await migrations(cluster)).toEqual([]);
	client.close();
});
