import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { parseConfiguration } from "../../../src/config/read.ts";

const MANIFESTS = join(import.meta.dirname, "../../../manifests");

const anySchema = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
type Manifest = z.output<typeof anySchema>;

function manifests(): Manifest[] {
	const files = readdirSync(MANIFESTS, { recursive: true, encoding: "utf8" });
	return files
		.filter((file) => file.endsWith(".yaml") && !file.endsWith("kustomization.yaml") && !file.endsWith("config.yaml"))
		.flatMap((file) => parseAllDocuments(readFileSync(join(MANIFESTS, file), "utf8")))
		.map((document) => anySchema.parse(document.toJS()));
}

function only<T>(kind: string, schema: z.ZodType<T>): T {
	const found = manifests().filter((manifest) => manifest.kind === kind);
	expect(found).toHaveLength(1);
	return schema.parse(found[0]);
}

describe("RBAC", () => {
	it("has no wildcards", () => {
		const rules = z.object({ rules: z.array(z.record(z.string(), z.array(z.string()))).optional() });
		const roles = manifests().filter(({ kind }) => kind === "ClusterRole" || kind === "Role");
		expect(roles.length).toBeGreaterThanOrEqual(5);
		for (const role of roles) {
			for (const rule of rules.parse(role).rules ?? []) expect(Object.values(rule).flat()).not.toContain("*");
		}
	});
});

describe("the controller's configuration", () => {
	const file = join(MANIFESTS, "base/controller/config.yaml");

	it("is one that the controller accepts", () => {
		expect(parseConfiguration(readFileSync(file, "utf8"), file)).toMatchObject({ namespace: "kubectl-qos-system" });
	});

	it("names the objects that the manifests make and grant", () => {
		const { webhook, certificates, leaderElection, learning } = parseConfiguration(readFileSync(file, "utf8"), file);
		const names = manifests().map(({ kind, metadata }) => `${kind}/${metadata.name}`);
		expect(names).toContain(`MutatingWebhookConfiguration/${webhook.configurationName}`);
		expect(names).toContain(`Service/${webhook.serviceName}`);
		const granted = JSON.stringify(manifests().filter(({ kind }) => kind === "Role" || kind === "ClusterRole"));
		for (const name of [
			webhook.configurationName,
			certificates.secretName,
			leaderElection.leaseName,
			learning.configMapName,
		]) {
			expect(granted).toContain(`"resourceNames":["${name}"]`);
		}
	});

	it("listens and drains as the Deployment and the webhook's configuration expect", () => {
		const { webhook, agent, health } = parseConfiguration(readFileSync(file, "utf8"), file);
		const container = z.object({ ports: z.array(z.object({ name: z.string(), containerPort: z.number() })) });
		const pod = z.object({ terminationGracePeriodSeconds: z.number(), containers: z.array(container) });
		const { spec } = only("Deployment", z.object({ spec: z.object({ template: z.object({ spec: pod }) }) }));
		expect(spec.template.spec.containers[0]?.ports).toEqual([
			{ name: "webhook", containerPort: webhook.port },
			{ name: "agent", containerPort: agent.port },
			{ name: "health", containerPort: health.port },
		]);
		expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(webhook.drain);
		const hooks = z.object({ webhooks: z.array(z.object({ timeoutSeconds: z.number(), failurePolicy: z.string() })) });
		const [hook] = only("MutatingWebhookConfiguration", hooks).webhooks;
		expect(hook?.timeoutSeconds).toBeGreaterThan(webhook.deadline);
		expect(hook?.failurePolicy).toBe("Ignore");
	});
});
