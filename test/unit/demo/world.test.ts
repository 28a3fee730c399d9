import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { APPS, nodeName, nodeSpecs, SPEED_LABEL, workloadIn } from "../../../demo/machines.ts";
import { latencyQuery } from "../../../demo/story/latency.ts";
import { parseWorld, readWorld } from "../../../simulation/read.ts";
import { parsePolicy } from "../../../src/api/v1alpha1/policy.ts";
import { selects } from "../../../src/core/cluster/selectors.ts";

const DEMO = join(import.meta.dirname, "../../../demo");
const world = parseWorld(readWorld(join(DEMO, "world.yaml")));
const machines = nodeSpecs()
	.map(({ name }) => name)
	.filter((name) => !name.endsWith("-twin"));

describe("the demo's world", () => {
	it("has every node of the cluster, and no other", () => {
		expect(Object.keys(world.nodes).toSorted()).toEqual(
			nodeSpecs()
				.map(({ name }) => name)
				.toSorted(),
		);
	});

	it.each(machines)("has a twin of %s that is alike in everything", (machine) => {
		expect(world.nodes[nodeName("without", machine)]).toEqual(world.nodes[machine]);
	});

	it("has machines as fast as their nodes say", () => {
		for (const { name, labels } of nodeSpecs()) expect(labels?.[SPEED_LABEL]).toBe(String(world.nodes[name]?.speed));
	});

	it("has every app once, for both halves", () => {
		for (const { name } of APPS) expect(world.apps).toHaveProperty(name);
	});
});

describe("the demo's policies", () => {
	const policies = parseAllDocuments(readFileSync(join(DEMO, "manifests/policies.yaml"), "utf8")).map((document) => {
		const object = document.toJS() as { metadata: object };
		const parsed = parsePolicy({
			...object,
			metadata: { ...object.metadata, creationTimestamp: "2026-01-01T00:00:00Z" },
		});
		if (!parsed.ok) throw new Error(parsed.message);
		return parsed.value;
	});

	it.each(APPS)("promise the users of $name what the account judges by", ({ name, target }) => {
		const governing = policies.filter(({ workloadSelector }) => selects(workloadSelector, { app: name }));
		expect(governing.map(({ objective }) => objective.target)).toEqual([target]);
		expect(workloadIn("with", name)).toBe(`${governing[0]?.namespace}/${name}`);
	});
});

describe("latencyQuery", () => {
	it("asks for one app of one half", () => {
		expect(latencyQuery("without", "web")).toContain('{namespace="shop-twin",pod=~"web-.*"}');
	});
});
