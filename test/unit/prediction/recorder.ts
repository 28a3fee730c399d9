import type { FeatureDefinition, Model } from "../../../src/core/model/model.ts";

export function feature(name: string, scope: FeatureDefinition["scope"], max = 1000): FeatureDefinition {
	return { name, scope, unit: "any", min: 0, max };
}

/** A model that keeps what it was given; every output is 1 with an interval of 0.5 to 2. */
export function recorder(features: readonly FeatureDefinition[], window: number): Model & { inputs: number[][] } {
	const inputs: number[][] = [];
	return {
		inputs,
		reference: { name: "recorder", version: "1", sha256: "" },
		metadata: {
			schema: "kubectl-qos.dev/model/v1",
			name: "recorder",
			version: "1",
			window,
			stepSeconds: undefined,
			horizonSeconds: undefined,
			features,
			outputs: [0.05, 0.5, 0.95].map((quantile) => ({ aggregate: "Mean", quantile })),
			target: { metric: "*", unit: "*", direction: "Minimize" },
		},
		predict(input, rows) {
			inputs.push([...input]);
			return Promise.resolve(Float32Array.from({ length: rows * 3 }, (_, index) => [0.5, 1, 2][index % 3] ?? 0));
		},
	};
}
