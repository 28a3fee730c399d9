import { describe, expect, it } from "vitest";
import { type NodeSelectorRequirement, nodeSelectorTermMatches, selects } from "../../../src/core/cluster/selectors.ts";

const labels = { tier: "edge", cores: "8", empty: "" };

describe("a label selector", () => {
	it.each([
		[{}, true],
		[{ matchLabels: { tier: "edge" } }, true],
		[{ matchLabels: { tier: "edge", cores: "4" } }, false],
		[{ matchLabels: { empty: "" } }, true],
		[{ matchLabels: { toString: "x" } }, false],
		[{ matchExpressions: [{ key: "tier", operator: "In", values: ["cloud", "edge"] }] }, true],
		[{ matchExpressions: [{ key: "other", operator: "In", values: ["edge"] }] }, false],
		[{ matchExpressions: [{ key: "tier", operator: "NotIn", values: ["edge"] }] }, false],
		[{ matchExpressions: [{ key: "other", operator: "NotIn", values: ["edge"] }] }, true],
		[{ matchExpressions: [{ key: "empty", operator: "Exists" }] }, true],
		[{ matchExpressions: [{ key: "hasOwnProperty", operator: "Exists" }] }, false],
		[{ matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] }, false],
		[{ matchLabels: { tier: "edge" }, matchExpressions: [{ key: "x", operator: "Exists" }] }, false],
	] as const)("%j", (selector, expected) => {
		expect(selects(selector, labels)).toBe(expected);
	});
});

describe("a node selector term", () => {
	const match = (requirement: NodeSelectorRequirement) =>
		nodeSelectorTermMatches({ matchExpressions: [requirement] }, labels, "n");

	it("matches nothing when it is empty", () => {
		expect(nodeSelectorTermMatches({}, labels, "n")).toBe(false);
	});

	it("compares integers only", () => {
		expect(match({ key: "cores", operator: "Gt", values: ["7"] })).toBe(true);
		expect(match({ key: "cores", operator: "Gt", values: ["8"] })).toBe(false);
		expect(match({ key: "cores", operator: "Lt", values: ["9"] })).toBe(true);
		expect(match({ key: "tier", operator: "Gt", values: ["1"] })).toBe(false);
		expect(match({ key: "empty", operator: "Lt", values: ["1"] })).toBe(false);
		expect(match({ key: "cores", operator: "Gt", values: [] })).toBe(false);
	});

	it("knows the node by name, and needs both parts", () => {
		const named = { matchFields: [{ key: "metadata.name", operator: "In", values: ["n"] }] } as const;
		expect(nodeSelectorTermMatches(named, labels, "n")).toBe(true);
		expect(nodeSelectorTermMatches(named, labels, "m")).toBe(false);
		const both = { ...named, matchExpressions: [{ key: "tier", operator: "In", values: ["cloud"] }] } as const;
		expect(nodeSelectorTermMatches(both, labels, "n")).toBe(false);
	});
});
