import type { MlflowClient } from "../../src/adapters/mlflow/client.ts";
import { MlflowError } from "../../src/adapters/mlflow/errors.ts";
import { downloadModel } from "../../src/adapters/mlflow/registry/model-file.ts";
import type { ModelVersion } from "../../src/adapters/mlflow/schema.ts";
import { significant } from "../evaluation/comparison.ts";
import { skill } from "../evaluation/figures.ts";
import { type Judged, judgeOther } from "../evaluation/judge.ts";

export interface Decision {
	readonly isBetter: boolean;
	/** With both figures. */
	readonly reason: string;
}

/** Whether a model deserves an alias: on its test split it must beat the one that has it, or persistence without one. */
export async function decideAlias(
	ours: Judged,
	{ name, alias, version }: { readonly name: string; readonly alias: string; readonly version: string },
	client: MlflowClient,
): Promise<Decision> {
	const inService = await holderOf(client, name, alias);
	if (!inService) {
		const share = skill(ours.figures);
		const reason = `no model has the alias, and on the test split this one avoids ${(100 * share).toFixed(1)} % of persistence's error`;
		return { isBetter: share > 0, reason };
	}
	if (inService.version === version) return { isBetter: false, reason: `version ${version} has it already` };
	const label = `models:/${name}@${alias} (version ${inService.version})`;
	const file = await downloadModel(client, inService, label);
	const other = "refused" in file ? { problem: file.message } : await judgeOther(file.bytes, label, ours);
	if ("problem" in other) {
		return {
			isBetter: false,
			reason: `version ${inService.version}, which has it, cannot be compared on this history (${other.problem}); set the alias by hand if this one shall replace it`,
		};
	}
	const unit = ours.model.metadata.target.unit;
	const figure = ({ loss, aggregates }: Judged["figures"]) =>
		`${significant(loss)} ${unit} (MAE ${significant(aggregates.Mean.mae)})`;
	const reason = `pinball loss on the same test split ${figure(ours.figures)}, version ${inService.version} in service ${figure(other.figures)}`;
	return { isBetter: ours.figures.loss < other.figures.loss, reason };
}

async function holderOf(client: MlflowClient, name: string, alias: string): Promise<ModelVersion | undefined> {
	try {
		return await client.getModelVersionByAlias(name, alias);
	} catch (error) {
		if (error instanceof MlflowError && error.failure === "NotFound") return undefined;
		throw error;
	}
}
