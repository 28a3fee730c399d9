import { CALIBRATION_SECONDS, type PredictionScore, type Score } from "./report.ts";
import type { LatencyFigures } from "./scoring/latency.ts";
import type { PredictionFigures } from "./scoring/predictions.ts";

/** Predictions of horizons in which nothing happened that nobody could know of. */
const SETTLED_WORLD = "settled world (no change within the horizon and 30 s before)";
const CALIBRATED = `after ${CALIBRATION_SECONDS / 60} min`;

/** Tables in Markdown, for a terminal and for docs alike. */
export function tablesOf(scores: readonly Score[]): string {
	return [
		table(
			["policy", "SLO violated", "failed requests", "failed during our moves", "moves", "moves per change"],
			scores.map(({ policy, violated, failed, failedDuringMoves, moves, reverted, movesPerChange }) => [
				policy,
				`${violated} s`,
				String(failed),
				String(failedDuringMoves),
				`${moves} (${reverted} reverted)`,
				movesPerChange.toFixed(1),
			]),
		),
		byPhaseTable(scores),
		byTargetTable(scores),
		table(["app", "policy", "SLO violated", "p50, ms", "p99, ms", "failed"], appRows(scores)),
		table(["policy", "predictions of", "count", "error", "bias", "coverage of 90 %"], predictionRows(scores)),
		table(["policy", "moments with a best node by probes", "count", "found too"], agreementRows(scores)),
		table(["policy", "controller's pod", "RSS, MiB", "working set, MiB", "CPU, % of one core"], controllerRows(scores)),
	]
		.filter((text) => text !== "")
		.join("\n");
}

/** A row per phase of the script, a column per policy. */
function byPhaseTable(scores: readonly Score[]): string {
	const phases = new Set(scores.flatMap(({ byPhase }) => [...byPhase.keys()]));
	const rows = [...phases].map((phase) => {
		const cells = scores.map(({ byPhase }) => {
			const figures = byPhase.get(phase);
			return figures ? `${figures.violated} of ${figures.seconds} s` : "-";
		});
		return [phase, ...cells];
	});
	return table(["SLO violated while, app-seconds", ...scores.map(({ policy }) => policy)], rows);
}

/** A row per multiple of the costs that targets could have been. */
function byTargetTable(scores: readonly Score[]): string {
	const alone = scores.find(({ policy }) => policy === "default");
	const auto = scores.find(({ policy }) => policy === "auto");
	const rows = [...(scores[0]?.byTarget.keys() ?? [])].map((factor) => {
		const ratio = (auto?.byTarget.get(factor) ?? Number.NaN) / (alone?.byTarget.get(factor) ?? Number.NaN);
		const cells = scores.map(({ byTarget }) => `${byTarget.get(factor)} s`);
		return [`${factor} x cost`, ...cells, Number.isNaN(ratio) ? "-" : ratio.toFixed(2)];
	});
	return table(["beyond a target of", ...scores.map(({ policy }) => policy), "auto / default"], rows);
}

type Rows = readonly (readonly string[])[];

function appRows(scores: readonly Score[]): Rows {
	const apps = [...(scores[0]?.byApp.keys() ?? [])];
	return apps.flatMap((app) =>
		scores.map(({ policy, byApp }) => {
			const { requests, failed, p50, p99, violated } = byApp.get(app) as LatencyFigures;
			return [app, policy, `${violated} s`, milliseconds(p50), milliseconds(p99), `${failed} of ${requests}`];
		}),
	);
}

function predictionRows(scores: readonly Score[]): Rows {
	return scores.flatMap(({ policy, predictions }) =>
		figuresOf(predictions)
			.filter(([, { count }]) => count > 0)
			.map(([what, { count, error, bias, coverage }]) => [
				policy,
				what,
				String(count),
				percent(error),
				percent(bias),
				coverage.toFixed(2),
			]),
	);
}

function figuresOf(predictions: PredictionScore | undefined): readonly (readonly [string, PredictionFigures])[] {
	if (!predictions) return [];
	return [
		["all", predictions.all],
		[CALIBRATED, predictions.calibrated],
		[SETTLED_WORLD, predictions.settledWorld],
		[`${CALIBRATED}, settled world`, predictions.calibratedSettledWorld],
		[`${CALIBRATED}, by the app's own metric`, predictions.byOwnMetric],
		[`${CALIBRATED}, settled world, by the app's own metric`, predictions.byOwnMetricInSettledWorld],
		...predictions.byPair,
	];
}

function agreementRows(scores: readonly Score[]): Rows {
	return scores.flatMap(({ policy, predictions }) => {
		if (!predictions) return [];
		const rows = [
			["by prediction", predictions.agreement],
			[`by prediction, ${SETTLED_WORLD}`, predictions.settledWorldAgreement],
			["by half of the probes, of those by the other half", predictions.halves],
			["by half of the probes, settled world", predictions.settledWorldHalves],
		] as const;
		return rows.map(([what, { count, share }]) => [policy, what, String(count), percent(share)]);
	});
}

function controllerRows(scores: readonly Score[]): Rows {
	return scores.flatMap(({ policy, controllers }) =>
		controllers.map(({ pod, resident, workingSet, cpu }) => [
			policy,
			pod,
			mebibytes(resident),
			mebibytes(workingSet),
			(cpu * 100).toFixed(1),
		]),
	);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	if (rows.length === 0) return "";
	const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
	return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}

function milliseconds(seconds: number): string {
	return Number.isNaN(seconds) ? "-" : (seconds * 1000).toPrecision(3);
}

function percent(share: number): string {
	return Number.isNaN(share) ? "-" : `${(share * 100).toFixed(1)} %`;
}

function mebibytes(bytes: number): string {
	return (bytes / 2 ** 20).toFixed(0);
}
