import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import { resourcePath } from "../../src/api/v1alpha1/group.ts";
import { newMigration } from "../../src/api/v1alpha1/migration.ts";
import type { Cluster } from "../cluster/cluster.ts";
import {
	asAdmin,
	asController,
	eventually,
	kubeconfigAs,
	MANIFESTS,
	migrationsServed,
	startInstalled,
} from "./kubernetes-support.ts";

let cluster: Cluster;
let admin: KubernetesConnection;
const open: KubernetesConnection[] = [];

beforeAll(async () => {
	cluster = await startInstalled();
	await migrationsServed(cluster);
	admin = asAdmin(cluster);
	open.push(admin);
	await cluster.kubectl(["create", "namespace", "shop"]);
	await cluster.kubectl(["create", "deployment", "api", "--image=x", "-n", "shop"]);
	await cluster.kubectl(["create", "deployment", "other", "--image=x", "-n", "shop"]);
	await cluster.kubectl([
		"create",
		"role",
		"api",
		"--verb=patch",
		"--resource=deployments",
		"--resource-name=api",
		"-n",
		"shop",
	]);
	await cluster.kubectl([
		"create",
		"role",
		"moves",
		"--verb=create,patch,get",
		"--resource=qosmigrations.kubectl-qos.dev",
		"-n",
		"shop",
	]);
	for (const user of ["jane", "root-jane"]) {
		await cluster.kubectl(["create", "rolebinding", `api-${user}`, "--role=api", `--user=${user}`, "-n", "shop"]);
		await cluster.kubectl(["create", "rolebinding", `moves-${user}`, "--role=moves", `--user=${user}`, "-n", "shop"]);
	}
	await cluster.kubectl([
		"create",
		"rolebinding",
		"force",
		"--clusterrole=kubectl-qos-force",
		"--user=root-jane",
		"-n",
		"shop",
	]);
});

afterAll(async () => {
	for (const connection of open) connection.close();
	await cluster?.stop();
});

/** The admin speaking for somebody else. */
async function as(user: string): Promise<KubernetesConnection> {
	const { users } = z
		.object({ users: z.array(z.object({ user: z.looseObject({}) })) })
		.parse(JSON.parse(await cluster.kubectl(["config", "view", "--raw", "-o", "json"])));
	const file = await kubeconfigAs(cluster, user, { ...users[0]?.user, as: user });
	const connection = KubernetesConnection.open({ files: [file] });
	open.push(connection);
	return connection;
}

const created = z.object({
	metadata: z.object({ name: z.string() }),
	spec: z.object({ requestedBy: z.string() }),
});

async function migrate(connection: KubernetesConnection, body: object): Promise<z.output<typeof created>> {
	return created.parse(await connection.request({ method: "POST", path: resourcePath("QoSMigration", "shop"), body }));
}

function migration(workload: string, extra: object = {}) {
	const made = newMigration({ workload: `shop/${workload}`, reason: "Forced" });
	return { ...made, spec: { ...made.spec, ...extra } };
}

describe("who may migrate", () => {
	it("stamps who asked and replaces a forged name", async () => {
		const made = await migrate(await as("jane"), migration("api", { requestedBy: "root" }));
		expect(made.spec.requestedBy).toBe("jane");
	});

	it("stamps the controller's own as well", async () => {
		const controller = await asController(cluster);
		open.push(controller);
		const body = newMigration({ workload: "shop/other", reason: "GainAboveMargin", automatic: true });
		const made = await migrate(controller, body);
		expect(made.spec.requestedBy).toBe("system:serviceaccount:kubectl-qos-system:kubectl-qos-controller");
	});

	it("refuses who may not patch that Deployment", async () => {
		await expect(migrate(await as("jane"), migration("other"))).rejects.toThrow(
			'migrating a Deployment needs permission to patch it: user "jane" cannot patch deployments.apps "other" in namespace "shop"',
		);
	});

	it("refuses overrides without qosmigrations/force, and grants them with it", async () => {
		const body = migration("api", { override: ["Cooldown"] });
		await expect(migrate(await as("jane"), body)).rejects.toThrow("bind the ClusterRole kubectl-qos-force");
		await expect(migrate(await as("root-jane"), body)).resolves.toBeDefined();
	});

	it("lets nobody else claim to be the controller, at creation or later", async () => {
		const jane = await as("jane");
		const message = "only the controller sets the label kubectl-qos.dev/automatic";
		const body = newMigration({ workload: "shop/api", reason: "Forced", automatic: true });
		await expect(migrate(jane, body)).rejects.toThrow(message);
		const { metadata } = await migrate(jane, migration("api"));
		const relabelled = jane.request({
			method: "PATCH",
			path: resourcePath("QoSMigration", "shop", metadata.name),
			contentType: "application/merge-patch+json",
			body: { metadata: { labels: { "kubectl-qos.dev/automatic": "true" } } },
		});
		await expect(relabelled).rejects.toThrow(message);
	});

	it("stamps who cancels, refuses a forged name and who may not patch that Deployment", async () => {
		const jane = await as("jane");
		const { metadata } = await migrate(jane, migration("api"));
		const annotate = (connection: KubernetesConnection, name: string, annotations: object) =>
			connection.request({
				method: "PATCH",
				path: resourcePath("QoSMigration", "shop", name),
				contentType: "application/merge-patch+json",
				body: { metadata: { annotations } },
			});
		const cancel = { "kubectl-qos.dev/cancel": "true" };
		const forged = { ...cancel, "kubectl-qos.dev/cancelled-by": "root" };
		await expect(annotate(jane, metadata.name, forged)).resolves.toMatchObject({
			metadata: { annotations: { ...cancel, "kubectl-qos.dev/cancelled-by": "jane" } },
		});
		await expect(annotate(jane, metadata.name, { "kubectl-qos.dev/cancelled-by": "root" })).rejects.toThrow(
			"cancelled-by is whoever cancels the QoSMigration",
		);
		const other = await migrate(admin, migration("other"));
		await expect(annotate(jane, other.metadata.name, cancel)).rejects.toThrow(
			'cancelling a migration needs permission to patch its Deployment: user "jane" cannot patch deployments.apps "other"',
		);
	});

	it.each([
		["view", "list", "qosreports", "", "yes"],
		["view", "create", "qosmigrations", "", "no"],
		["edit", "create", "qosmigrations", "", "yes"],
		["edit", "patch", "qosmigrations", "", "yes"],
		["edit", "create", "qosmigrations", "force", "no"],
		["admin", "create", "qosmigrations", "force", "yes"],
		["admin", "create", "qosmigrations", "automatic", "no"],
		["admin", "patch", "qosreports", "status", "no"],
		["qos-viewer", "watch", "qosjobs", "", "yes"],
		["qos-editor", "delete", "qospolicies", "", "yes"],
		["qos-editor", "create", "qosmigrations", "force", "no"],
		["qos-admin", "create", "qosmigrations", "force", "yes"],
	])("role %s: may %s %s %s: %s", async (...[role, verb, resource, subresource, answer]) => {
		const user = `a-${role}`;
		await cluster
			.kubectl(["create", "rolebinding", user, `--clusterrole=${role}`, `--user=${user}`, "-n", "shop"])
			.catch(() => {});
		const args = ["auth", "can-i", verb, `${resource}.kubectl-qos.dev`, `--subresource=${subresource}`];
		await eventually(async () => {
			const said = (await cluster.kubectl([...args, "-n", "shop", `--as=${user}`]).catch(() => "no")).trim();
			return said === answer ? true : undefined;
		});
	});

	it("lets the edit role create and read, and write neither reports nor status", async () => {
		await cluster.kubectl(["create", "rolebinding", "edit", "--clusterrole=edit", "--user=eve", "-n", "shop"]);
		const can = async (verb: string, resource: string, subresource = "") => {
			const args = ["auth", "can-i", verb, `${resource}.kubectl-qos.dev`, `--subresource=${subresource}`];
			return (await cluster.kubectl([...args, "-n", "shop", "--as=eve"]).catch(() => "no")).trim();
		};
		await eventually(async () => ((await can("create", "qosmigrations")) === "yes" ? true : undefined));
		expect(await can("create", "qospolicies")).toBe("yes");
		expect(await can("get", "qosreports")).toBe("yes");
		expect(await can("create", "qosreports")).toBe("no");
		expect(await can("patch", "qosmigrations", "status")).toBe("no");
		expect(await can("create", "qosmigrations", "force")).toBe("no");
	});
});

describe("kustomize", () => {
	async function kinds(folder: string): Promise<string[]> {
		const { stdout } = await promisify(execFile)(cluster.programs.kubectl, ["kustomize", join(MANIFESTS, folder)]);
		return parseAllDocuments(stdout).map((document) => String(document.get("kind")));
	}

	it("builds the base with the controller and the local overlay without it", async () => {
		const inCluster = ["ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service"];
		const base = await kinds("base");
		const local = await kinds("overlays/local");
		expect(base).toEqual(expect.arrayContaining([...inCluster, "ServiceAccount", "MutatingWebhookConfiguration"]));
		expect([...new Set(base.filter((kind) => !local.includes(kind)))].toSorted()).toEqual(inCluster);
	});

	it("makes objects that the API server accepts, the restricted pod security standard included", async () => {
		const answer = await cluster.kubectl(["apply", "--dry-run=server", "-k", join(MANIFESTS, "base")]);
		expect(answer).toContain("deployment.apps/kubectl-qos-controller created (server dry run)");
		expect(answer).not.toContain("would violate PodSecurity");
	});

	it("can be applied again and keeps the caBundle that the controller has set", async () => {
		const path = "jsonpath={.clusters[0].cluster.certificate-authority-data}";
		const caBundle = await cluster.kubectl(["config", "view", "--raw", "-o", path]);
		const webhook = ["mutatingwebhookconfiguration", "kubectl-qos"];
		const clientConfig = { url: "https://127.0.0.1:9443/mutate", caBundle };
		const patch = JSON.stringify({ webhooks: [{ name: "placement.kubectl-qos.dev", clientConfig }] });
		await cluster.kubectl(["patch", ...webhook, "--type=strategic", "-p", patch]);
		await cluster.kubectl(["apply", "-k", join(MANIFESTS, "overlays/local")]);
		const kept = await cluster.kubectl(["get", ...webhook, "-o", "jsonpath={.webhooks[0].clientConfig.caBundle}"]);
		expect(kept).toBe(caBundle);
	});
});

describe("the webhook's configuration", () => {
	it("lets pods through unchanged while nothing listens", async () => {
		await cluster.kubectl(["label", "namespace", "shop", "kubectl-qos.dev/admission=enabled"]);
		const pod = {
			apiVersion: "v1",
			kind: "Pod",
			metadata: { name: "p", namespace: "shop" },
			spec: { containers: [{ name: "c", image: "x" }] },
		};
		await expect(
			admin.request({ method: "POST", path: "/api/v1/namespaces/shop/pods", body: pod, query: { dryRun: "All" } }),
		).resolves.toMatchObject({ metadata: { name: "p" } });
	});
});
