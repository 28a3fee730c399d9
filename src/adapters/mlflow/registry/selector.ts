import type { ModelSelector } from "../../../core/policy/policy.ts";

export type MlflowSelector = Extract<ModelSelector, { kind: "Mlflow" }>;

/** As MLflow writes it: `models:/NAME@ALIAS` or `models:/NAME/VERSION`. Unique. */
export function modelUri({ name, alias, version }: Omit<MlflowSelector, "kind">): string {
	return alias === undefined ? `models:/${name}/${version}` : `models:/${name}@${alias}`;
}
