import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { apply, deployment, ended, installCustomResources, policy, qos, startQos } from "./plugin-cluster.ts";

let cluster: Cluster;

beforeAll(async () => {
	cluster = await startCluster({ prometheus: false });
	await installCustomResources(cluster);
	await apply(cluster, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } }, deployment("shop", "web"), {
		...deployment("shop", "bare"),
		metadata: { namespace: "shop", name: "bare" },
	});
});
afterAll(() => cluster?.stop());

async function job(name: string): Promise<Readonly<Record<string, unknown>>> {
	const text = await cluster.kubectl(["get", "qosj", name, "-n", "shop", "-o", "json"]);
	return JSON.parse(text).spec;
}

async function names(): Promise<string> {
	return cluster.kubectl(["get", "qosj", "-n", "shop", "-o", "name"]);
}

const ELSEWHERE =
	"hint: what acts on the policies of all namespaces is in the controller's: add -n kubectl-qos-system\n";

test("jobs are added, listed, paused, resumed and removed", async () => {
	expect(await qos(cluster, "jobs list -n shop")).toEqual({
		code: 0,
		stdout: "",
		stderr: `No resources found in shop namespace.\n${ELSEWHERE}`,
	});
	const added = await qos(cluster, "jobs add often --every 5m -n shop --policy-selector tier=web");
	expect(added).toEqual({ code: 0, stdout: "qosjob.kubectl-qos.dev/often created\n", stderr: "" });
	expect(await job("often")).toMatchObject({
		action: "Rebalance",
		interval: "5m",
		policySelector: { matchLabels: { tier: "web" } },
	});
	await qos(cluster, "jobs add once --action Predict --at 2030-01-31T08:00:00Z -n shop");
	const { stdout } = await qos(cluster, "jobs list -n shop");
	expect(stdout).toMatch(/^NAME +ACTION +SCHEDULE +SUSPENDED +LAST +RESULT +NEXT\noften? /);
	expect(stdout).toMatch(/^often +Rebalance +every 5m +False +<none> +<none> +<none>$/m);
	expect(stdout).toMatch(/^once +Predict +at 2030-01-31T08:00:00Z +False/m);
	expect((await qos(cluster, "jobs pause often once -n shop")).stdout).toBe(
		"qosjob.kubectl-qos.dev/often paused\nqosjob.kubectl-qos.dev/once paused\n",
	);
	expect(await job("often")).toMatchObject({ suspend: true });
	await qos(cluster, "jobs resume qosj/often -n shop");
	expect(await job("often")).toMatchObject({ suspend: false });
	const removed = await qos(cluster, "jobs remove once nope -n shop");
	expect(removed).toEqual({
		code: 1,
		stdout: "qosjob.kubectl-qos.dev/once deleted\n",
		stderr: `Error from server (NotFound): qosjobs.kubectl-qos.dev "nope" not found\n${ELSEWHERE}`,
	});
	expect(await names()).toBe("qosjob.kubectl-qos.dev/often\n");
});

test("dry runs change nothing", async () => {
	const before = await names();
	const client = await qos(cluster, "jobs add x --every 1m -n shop --dry-run=client -o yaml");
	expect(client.stdout).toMatch(/^ {2}interval: 1m$/m);
	const server = await qos(cluster, "jobs add x --every 1m -n shop --dry-run=server");
	expect(server.stdout).toBe("qosjob.kubectl-qos.dev/x created (server dry run)\n");
	await qos(cluster, "jobs remove often -n shop --dry-run=server");
	expect(await names()).toBe(before);
});

test.each([
	[["--cron", "0 3 * *"], /invalid argument "0 3 \* \*" for "--cron" flag \(spec\.cron\): .*five fields/],
	[["--cron", "61 3 * * *"], /for "--cron" flag \(spec\.cron\): /],
	[["--cron", "0 3 31 2 *"], /for "--cron" flag \(spec\.cron\): there is no such time/],
	[
		["--cron", "0 3 * * *", "--time-zone", "Mars/Olympus"],
		/for "--time-zone" flag \(spec\.timezone\): .*Europe\/Madrid/,
	],
	[
		["--every", "5m", "--at", "2030-01-31T08:00:00Z"],
		/exactly one of --every, --at and --cron .*given were --every and --at/,
	],
	[[], /exactly one of --every, --at and --cron .*none was given/],
	[["--every", "fast"], /invalid argument "fast" for "--every" flag/],
	[["--at", "tomorrow"], /invalid argument "tomorrow" for "--at" flag/],
	[["--every", "5m", "--time-zone", "Europe/Madrid"], /--time-zone goes with --cron only/],
	[["--every", "5m", "--action", "Dance"], /invalid argument "Dance" for "--action" flag/],
])("jobs add bad %j: the field is named, and nothing is created", async (flags, message) => {
	const before = await names();
	const { code, stdout, stderr } = await run(["jobs", "add", "bad", "-n", "shop", ...flags]);
	expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
	expect(stderr).toMatch(message);
	expect(await names()).toBe(before);
});

async function run(args: readonly string[]) {
	const child = startQos(cluster, args);
	child.stdin.end();
	return ended(child);
}

test("a policy made by init is valid, selects the Deployment, and the server takes it", async () => {
	const { code, stdout, stderr } = await qos(cluster, "policy init deploy/web -n shop --profile edge-cloud");
	expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	const file = join(cluster.dir, "policy.yaml");
	writeFileSync(file, stdout);
	const valid = await qos(cluster, `policy validate -f ${file}`);
	expect(valid).toEqual({ code: 0, stdout: `${file}: qospolicy.kubectl-qos.dev/web is valid\n`, stderr: "" });
	await cluster.kubectl(["apply", "-f", "-"], stdout);
	const again = await qos(cluster, "policy init web -n shop");
	expect(again.stderr).toBe('warning: QoSPolicy "web" governs deployment "web" already; of two, the older wins\n');
	await cluster.kubectl(["delete", "qosp", "web", "-n", "shop"]);
});

test("policy init tells what is missing, validate where the mistake is", async () => {
	expect((await qos(cluster, "policy init nope -n shop")).stderr).toBe(
		'Error from server (NotFound): deployments.apps "nope" not found\n',
	);
	expect(await qos(cluster, "policy init bare -n shop")).toMatchObject({
		code: 1,
		stderr: expect.stringContaining("kubectl label deployment bare -n shop app=bare"),
	});
	const file = join(cluster.dir, "bad.yaml");
	writeFileSync(file, JSON.stringify(policy("shop", "bad", ["web"], { mod: "Auto" })));
	const { code, stdout, stderr } = await qos(cluster, `policy validate -f ${file}`);
	expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
	expect(stderr).toBe(`error: ${file}:1: spec.mod: unknown field; did you mean "mode"?\n`);
	expect((await qos(cluster, "policy validate -f /no/such")).stderr).toBe(
		'error: the path "/no/such" does not exist\n',
	);
	const folder = await qos(cluster, `policy validate -f ${join(import.meta.dirname, "../../manifests/examples")}`);
	expect(folder.stdout.match(/qospolicy\.kubectl-qos\.dev\/\S+ is valid/g)).toHaveLength(3);
	expect([folder.code, folder.stderr]).toEqual([0, ""]);
});
