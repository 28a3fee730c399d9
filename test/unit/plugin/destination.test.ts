import { describe, expect, it } from "vitest";
import { type Choice, chooseDestination } from "../../../cmd/kubectl-qos/migration/destination.ts";
import { describePlan } from "../../../cmd/kubectl-qos/migration/plan.ts";
import { OVERRIDES } from "../../../src/core/migration/migration.ts";
import { policyFor, STATUS } from "./workloads.ts";

const CHOICE: Choice = { name: "web", to: undefined, topologyKey: "kubernetes.io/hostname", report: STATUS };

describe("chooseDestination", () => {
	it("takes a feasible node with what is predicted there", () => {
		expect(chooseDestination({ ...CHOICE, to: "edge-2" })).toMatchObject({
			from: "edge-1",
			to: "edge-2",
			predicted: { value: 0.03 },
			gain: 0.22,
			warning: undefined,
		});
	});

	it("leaves the best to the controller when none is named", () => {
		expect(chooseDestination(CHOICE)).toMatchObject({ from: "edge-1", to: undefined, gain: 0.22 });
	});

	it("has nothing to do where it runs already", () => {
		expect(chooseDestination({ ...CHOICE, to: "edge-1" })).toBeUndefined();
	});

	it("takes a zone when one of its nodes will do", () => {
		const nodes = STATUS.nodes.map((node) => ({ ...node, domain: "zone-b" }));
		const report = { ...STATUS, nodes, current: { node: "n", domain: "zone-a" } };
		expect(chooseDestination({ ...CHOICE, report, to: "zone-b", topologyKey: "zone" })).toMatchObject({
			predicted: { value: 0.03 },
		});
		expect(() => chooseDestination({ ...CHOICE, report, to: "edge-2", topologyKey: "zone" })).toThrow(
			'"edge-2" is a node, but deployment "web" is placed by zone; use --to zone-b',
		);
	});

	it("says by name why not", () => {
		expect(() => chooseDestination({ ...CHOICE, to: "edge-7" })).toThrow(
			'error: deployment "web" cannot run on edge-7: NodeUnschedulable: node(s) were unschedulable',
		);
		expect(() => chooseDestination({ ...CHOICE, to: "nope" })).toThrow(
			'deployment "web" cannot run on nope: UnknownDestination: it may not run on any node with kubernetes.io/hostname=nope; there are: edge-2, edge-1, edge-3, edge-7',
		);
		const report = { ...STATUS, recommended: undefined };
		expect(() => chooseDestination({ ...CHOICE, report })).toThrow('no better place is known for deployment "web"');
	});

	it("judges nothing that it does not know", () => {
		const cut = { ...STATUS, nodesTotal: 900 };
		expect(chooseDestination({ ...CHOICE, report: cut, to: "nope" })?.warning).toContain("lists 4 of 900 nodes");
		const blind = chooseDestination({ ...CHOICE, report: undefined, to: "nope" });
		expect(blind).toMatchObject({ from: undefined, to: "nope", predicted: undefined });
		expect(blind?.warning).toContain("no fresh report");
	});
});

describe("describePlan", () => {
	const destination = chooseDestination({ ...CHOICE, to: "edge-2" });
	if (!destination) throw new Error("edge-2 is another node");
	const plan = { namespace: "shop", name: "web", destination, policy: policyFor({}), report: STATUS, unit: "seconds" };

	it("says before asking what --force sets aside, in numbers", () => {
		const text = describePlan({ ...plan, override: OVERRIDES }).join("\n");
		expect(text).toContain("deployment.apps/web in namespace shop: edge-1 -> edge-2");
		expect(text).toContain("latency: measured 48ms, predicted there 30ms (29-31ms), gain 22%");
		expect(text).toContain("--force sets aside: Cooldown (15m), MinGain (10%), Confidence (90%), Disruption");
	});

	it("says of a revert what it sets aside and what still binds", () => {
		const text = describePlan({ ...plan, override: ["Cooldown", "MinGain", "Confidence"] }).join("\n");
		expect(text).toContain("it sets aside: Cooldown (15m), MinGain (10%), Confidence (90%); never");
		expect(text).toContain("it is rejected unless these hold: Disruption (PodDisruptionBudgets)");
	});

	it("says without --force what would speak against it", () => {
		const decision = { action: "Stay", reason: "CoolingDown", message: "4m left" } as const;
		const text = describePlan({ ...plan, override: [], report: { ...STATUS, decision } }).join("\n");
		expect(text).toContain("it is rejected unless these hold: Cooldown (15m)");
		expect(text).toContain("the controller would not move it now: CoolingDown: 4m left");
	});
});
