import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../../src/api/v1alpha1/policy.ts";

function policy(spec: object) {
	return {
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSPolicy",
		metadata: {
			namespace: "shop",
			name: "api",
			uid: "u",
			generation: 2,
			creationTimestamp: "2026-01-01T00:00:00Z",
			labels: { tier: "gold" },
		},
		spec: { workloadSelector: {}, objective: { metric: "latency", direction: "Minimize" }, ...spec },
	};
}

function problem(spec: object): string {
	const parsed = parsePolicy(policy(spec));
	return parsed.ok ? "none" : parsed.message;
}

describe("parsePolicy", () => {
	it("fills in every default", () => {
		expect(parsePolicy(policy({}))).toEqual({
			ok: true,
			value: {
				namespace: "shop",
				name: "api",
				uid: "u",
				generation: 2,
				createdAt: Date.UTC(2026, 0, 1),
				labels: { tier: "gold" },
				workloadSelector: {},
				mode: "Off",
				suspend: false,
				objective: {
					metric: "latency",
					direction: "Minimize",
					target: undefined,
					horizonSeconds: 300,
					aggregate: "Mean",
				},
				model: { kind: "Builtin", name: "headroom" },
				placement: { topologyKey: "kubernetes.io/hostname", candidates: {}, enforcement: "Required" },
				rebalance: {
					trigger: "Proactive",
					minGain: 0.1,
					confidence: 0.9,
					stabilization: 3,
					cooldownSeconds: 900,
					verifyAfterSeconds: 300,
					onWorse: "Revert",
				},
			},
		});
	});

	it("reads wire forms into base units", () => {
		const parsed = parsePolicy(
			policy({
				mode: "Auto",
				objective: { metric: "fps", direction: "Maximize", target: "25", horizon: "1h30m", aggregate: "Min" },
				model: { mlflow: { name: "m", alias: "champion" } },
				rebalance: { minGain: "2.5%", confidence: "95%", cooldown: "0s" },
			}),
		);
		expect(parsed).toMatchObject({
			ok: true,
			value: {
				objective: { target: 25, horizonSeconds: 5400, aggregate: "Min" },
				model: { kind: "Mlflow", name: "m", alias: "champion", version: undefined },
				rebalance: { minGain: 0.025, confidence: 0.95, cooldownSeconds: 0, stabilization: 3 },
			},
		});
	});

	it("ignores unknown fields", () => {
		expect(problem({ somethingNew: true })).toBe("none");
	});

	it.each([
		[{ objective: { metric: "latency" } }, /^QoSPolicy shop\/api is invalid: spec\.objective\.direction: /],
		[{ objective: { metric: "latency", direction: "Up" } }, /spec\.objective\.direction: /],
		[
			{ objective: { metric: "latency", direction: "Minimize", target: "fast" } },
			/spec\.objective\.target: must be a quantity/,
		],
		[
			{ objective: { metric: "latency", direction: "Minimize", target: "0" } },
			/spec\.objective\.target: must be above zero/,
		],
		[
			{ objective: { metric: "latency", direction: "Minimize", horizon: "5" } },
			/spec\.objective\.horizon: must be a duration/,
		],
		[{ model: { builtin: "a", file: "b" } }, /spec\.model: set exactly one of builtin, file, mlflow and predictions/],
		[{ model: {} }, /spec\.model: set exactly one/],
		[{ model: { mlflow: { name: "m" } } }, /spec\.model\.mlflow: set exactly one of alias and version/],
		[{ rebalance: { minGain: "10" } }, /spec\.rebalance\.minGain: must be a percentage/],
		[{ rebalance: { confidence: "50%" } }, /spec\.rebalance\.confidence: must be above 50% and below 100%/],
		[{ rebalance: { stabilization: 0 } }, /spec\.rebalance\.stabilization: /],
	])("says what is wrong with %j in one line", (spec, expected) => {
		expect(problem(spec)).toMatch(expected);
		expect(problem(spec)).not.toContain("\n");
	});

	it("names an object without metadata by its kind", () => {
		expect(parsePolicy(null)).toMatchObject({
			ok: false,
			message: expect.stringMatching(/^QoSPolicy without metadata is invalid/),
		});
	});
});
