import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policyText } from "../../../cmd/kubectl-qos/policy/init.ts";
import { PROFILE_NAMES } from "../../../cmd/kubectl-qos/policy/profiles.ts";
import { similar } from "../../../cmd/kubectl-qos/policy/similar.ts";
import { validatePolicies } from "../../../cmd/kubectl-qos/policy/validate.ts";

const HEAD = "apiVersion: kubectl-qos.dev/v1alpha1\nkind: QoSPolicy\nmetadata:\n  name: web\n";

const GOOD = `${HEAD}spec:
  workloadSelector:
    matchLabels: { app: web }
  mode: "Off"
  objective:
    metric: latency
    direction: Minimize
    target: 100m
  rebalance:
    minGain: 10%
`;

function problems(text: string): readonly string[] {
	return validatePolicies(text).problems.map(({ line, path, message }) => `${line}: ${path}: ${message}`);
}

describe("validatePolicies", () => {
	it("accepts what is right, and leaves other kinds alone", () => {
		const service = "apiVersion: v1\nkind: Service\nmetadata: { name: x }\n";
		expect(validatePolicies(`${service}---\n${GOOD}`)).toEqual({ valid: ["web"], problems: [] });
	});

	it.each([
		["minGain: 10%", "minGian: 10%", '14: spec.rebalance.minGian: unknown field; did you mean "minGain"?'],
		["minGain: 10%", "minGain: ten", "14: spec.rebalance.minGain: "],
		[
			"direction: Minimize",
			"direction: Minimise",
			'11: spec.objective.direction: Invalid option: expected one of "Minimize"|"Maximize"; did you mean "Minimize"?',
		],
		['mode: "Off"', "mode: Off", '8: spec.mode: Off without quotes is false in YAML; write "Off"'],
		["    direction: Minimize\n", "", "9: spec.objective.direction: is required: Minimize, Maximize"],
		["target: 100m", "target: 0", "12: spec.objective.target: must be above zero"],
		["target: 100m", "target: 100ms", "12: spec.objective.target: "],
		["  workloadSelector:\n    matchLabels: { app: web }\n", "", "5: spec.workloadSelector: "],
		["kind: QoSPolicy", "kind: QosPolicy", '2: kind: must be "QoSPolicy"'],
		["kubectl-qos.dev/v1alpha1", "kubectl-qos.dev/v1", '1: apiVersion: must be "kubectl-qos.dev/v1alpha1"'],
		["  name: web", "  nam: web", "3: metadata.name: is required"],
	])("says of %j as %j where and what", (right, wrong, expected) => {
		const found = problems(GOOD.replace(right, wrong));
		expect(found).toContainEqual(expect.stringContaining(expected));
		expect(found.some((problem) => problem.startsWith(expected))).toBe(true);
	});

	it("names the line in the right document", () => {
		expect(problems(`${GOOD}---\n${GOOD.replace("metric:", "metrik:")}`)).toContainEqual(
			expect.stringMatching(/^25: spec\.objective\.metrik: unknown field; did you mean "metric"\?$/),
		);
	});

	it("finds every mistake at once, in the order of lines", () => {
		const found = problems(GOOD.replace("metric:", "metrik:").replace("minGain", "minGian"));
		expect(found.map((problem) => problem.split(":")[1]?.trim())).toEqual(
			expect.arrayContaining(["spec.objective.metrik", "spec.objective.metric", "spec.rebalance.minGian"]),
		);
		const lines = found.map((problem) => Number.parseInt(problem, 10));
		expect(lines).toEqual(lines.toSorted((left, right) => left - right));
	});

	it.each([
		["", "1: kind: there is no QoSPolicy in it"],
		["kind: Service\n", "1: kind: there is no QoSPolicy in it"],
		["- a\n- b\n", "1: : a QoSPolicy is a mapping of fields"],
		["a: [\n", "2: : "],
	])("says of %j that it is none", (text, expected) => {
		expect(problems(text)[0]).toContain(expected);
	});

	it("never throws, whatever a file holds", () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string(),
					fc.json().map((json) => `${HEAD}spec: ${json}`),
				),
				(text) => {
					expect(validatePolicies(text).problems.length).toBeGreaterThan(0);
				},
			),
		);
	});
});

describe("policyText", () => {
	it.each(PROFILE_NAMES)("of profile %s is a valid policy for any labels", (profile) => {
		const label = fc.stringMatching(/^[a-z0-9A-Z]([a-z0-9A-Z._-]{0,10}[a-z0-9A-Z])?$/);
		fc.assert(
			fc.property(label, fc.dictionary(label, label, { minKeys: 1, noNullPrototype: true }), (name, labels) => {
				const options = { name, profile, metric: "latency", direction: "Minimize", target: "50m" } as const;
				expect(validatePolicies(policyText(options, "shop", labels))).toEqual({ valid: [name], problems: [] });
			}),
			{ numRuns: 30 },
		);
	});

	it("names the other models in comments that can be used as they are", () => {
		const options = { name: "web", profile: "safe", metric: "latency", direction: "Minimize", target: "50m" } as const;
		const text = policyText(options, "shop", { app: "web" });
		const models = text.match(/^ {2}# model: .*$/gm) ?? [];
		expect(models.map((line) => /\{ (\w+)/.exec(line)?.[1])).toEqual(["file", "mlflow", "predictions"]);
		for (const line of models) {
			const chosen = text.replace(line, line.replace("# ", ""));
			expect(validatePolicies(chosen)).toEqual({ valid: ["web"], problems: [] });
		}
	});
});

describe("similar", () => {
	it.each([
		["minGian", ["minGain", "confidence"], "minGain"],
		["mingain", ["minGain"], "minGain"],
		["Minimise", ["Minimize", "Maximize"], "Minimize"],
		["zebra", ["minGain"], undefined],
		["x", ["y"], "y"],
	])("%s", (word, candidates, meant) => {
		expect(similar(word, candidates)).toBe(meant);
	});
});
