import { basisOf, type Calibrator } from "./calibration.ts";
import { type Here, meanOver } from "./here.ts";
import type { PredictionTable } from "./prediction.ts";
import type { PredictionRequest } from "./request.ts";

/** Corrects a table in place; returns what it says of where the workload is now. */
export function calibrated(
	table: PredictionTable,
	{ workload, currentNodes, model, policy }: PredictionRequest,
	{ calibrator, least }: { readonly calibrator: Calibrator | undefined; readonly least: number },
): Here | undefined {
	if (!calibrator) return undefined;
	const places = Array.from(currentNodes, ([node, pods]) => ({ position: table.nodes.indexOf(node), pods }));
	const raw = meanOver(table, places);
	const basis = basisOf(model.reference, policy.objective);
	calibrator.calibrate({ workload, basis, currentNodes, least }, table);
	const corrected = meanOver(table, places);
	return raw && corrected && { raw, calibrated: corrected };
}
