import type { Panel } from "./picture.ts";
import type { ControllerUse, PolicyName, Recording } from "./recording.ts";
import { type Agreement, agreement, agreementOfHalves } from "./scoring/agreement.ts";
import { type LatencyFigures, latencyFigures, windowsOf } from "./scoring/latency.ts";
import { deathsOf, failedDuringMoves } from "./scoring/moves.ts";
import { followUpByOwnMetric } from "./scoring/own-metric.ts";
import { type PhaseFigures, violationsByPhase } from "./scoring/phases.ts";
import {
	type Followed,
	type Forecast,
	followUp,
	isWorldSettled,
	type PredictionFigures,
	predictionFigures,
} from "./scoring/predictions.ts";
import { violationsByTarget } from "./scoring/targets.ts";
import { changesOf } from "./script.ts";

/** Predictions of the first minutes are of a calibration that knows nothing yet. */
export const CALIBRATION_SECONDS = 300;

/** What one policy brought. */
export interface Score {
	readonly policy: PolicyName;
	readonly byApp: ReadonlyMap<string, LatencyFigures>;
	readonly violated: number;
	readonly byPhase: ReadonlyMap<string, PhaseFigures>;
	/** By what the targets would have been, as multiples of the apps' costs. */
	readonly byTarget: ReadonlyMap<number, number>;
	readonly failed: number;
	/** Of those that failed: around our moves, on nodes that were alive. */
	readonly failedDuringMoves: number;
	readonly moves: number;
	/** Moves per change of the world. */
	readonly movesPerChange: number;
	readonly reverted: number;
	/** Absent: nothing was predicted. */
	readonly predictions: PredictionScore | undefined;
	readonly controllers: readonly ControllerUse[];
}

export interface PredictionScore {
	readonly all: PredictionFigures;
	/** After the calibration's first minutes. */
	readonly calibrated: PredictionFigures;
	/** Of all: the world was the same over the horizon and shortly before. */
	readonly settledWorld: PredictionFigures;
	/** Both. */
	readonly calibratedSettledWorld: PredictionFigures;
	/** After the first minutes, beside the app's own metric instead of what its clients saw. */
	readonly byOwnMetric: PredictionFigures;
	readonly byOwnMetricInSettledWorld: PredictionFigures;
	readonly byPair: ReadonlyMap<string, PredictionFigures>;
	readonly agreement: Agreement;
	readonly settledWorldAgreement: Agreement;
	/** Of the probes with each other. */
	readonly halves: Agreement;
	readonly settledWorldHalves: Agreement;
}

export function scoreOf(recording: Recording): Score {
	const { policy, script, startedAt, requests, moves } = recording;
	const ofApps = Map.groupBy(
		requests.filter(({ kind }) => kind === "request"),
		({ app }) => app,
	);
	const apps = script.apps.map(({ name, target, costMilliseconds }) => ({
		name,
		requests: ofApps.get(name) ?? [],
		target: target / 1000,
		cost: costMilliseconds / 1000,
		windows: windowsOf(ofApps.get(name) ?? [], startedAt, script.seconds),
	}));
	const span = { from: startedAt, seconds: script.seconds };
	const byApp = new Map(
		apps.map(({ name, requests, target }) => [name, latencyFigures(requests, { ...span, target })]),
	);
	const sum = (of: (figures: LatencyFigures) => number): number =>
		[...byApp.values()].reduce((total, figures) => total + of(figures), 0);
	return {
		policy,
		byApp,
		violated: sum(({ violated }) => violated),
		byPhase: violationsByPhase(script, apps),
		byTarget: violationsByTarget(apps),
		failedDuringMoves: failedDuringMoves(requests, moves, deathsOf(script, startedAt)).length,
		failed: sum(({ failed }) => failed),
		moves: moves.length,
		movesPerChange: moves.length / changesOf(script).length,
		reverted: moves.filter(({ phase }) => phase === "Reverted").length,
		predictions: recording.forecasts.length === 0 ? undefined : predictionScore(recording),
		controllers: recording.controllers ?? [],
	};
}

function predictionScore({ forecasts, requests, startedAt, script }: Recording): PredictionScore {
	const followed = followUp(forecasts, requests);
	const changes = changesOf(script).map((second) => startedAt + second * 1000);
	const inSettledWorld = forecasts.filter((forecast: Forecast) => isWorldSettled(forecast, changes));
	const followedInSettledWorld = followUp(inSettledWorld, requests);
	const isCalibrated = ({ at }: { readonly at: number }): boolean => at >= startedAt + CALIBRATION_SECONDS * 1000;
	const byOwnMetric = followUpByOwnMetric(forecasts).filter(isCalibrated);
	const settledAt = new Set(inSettledWorld.map(({ at }) => at));
	const pairs = Map.groupBy(followed, ({ app, node }: Followed) => `${app} on ${node}`);
	return {
		all: predictionFigures(followed),
		calibrated: predictionFigures(followed.filter(isCalibrated)),
		settledWorld: predictionFigures(followedInSettledWorld),
		calibratedSettledWorld: predictionFigures(followedInSettledWorld.filter(isCalibrated)),
		byOwnMetric: predictionFigures(byOwnMetric),
		byOwnMetricInSettledWorld: predictionFigures(byOwnMetric.filter(({ at }) => settledAt.has(at))),
		byPair: new Map([...pairs].map(([pair, own]) => [pair, predictionFigures(own)] as const).toSorted(byName)),
		agreement: agreement(forecasts, requests),
		settledWorldAgreement: agreement(inSettledWorld, requests),
		halves: agreementOfHalves(forecasts, requests),
		settledWorldHalves: agreementOfHalves(inSettledWorld, requests),
	};
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
	return left < right ? -1 : 1;
}

/** A panel per app with a line per policy. */
export function panelsOf(recordings: readonly Recording[]): readonly Panel[] {
	const [first] = recordings;
	return (first?.script.apps ?? []).map(({ name, target }) => ({
		app: name,
		target: target / 1000,
		lines: recordings.map(({ policy, requests, startedAt, script, moves }) => ({
			policy,
			points: windowsOf(
				requests.filter(({ kind, app }) => kind === "request" && app === name),
				startedAt,
				script.seconds,
			).map(({ from, mean }) => ({ at: (from - startedAt) / 1000, value: mean })),
			moves: moves.filter(({ app }) => app === name).map(({ at }) => (at - startedAt) / 1000),
		})),
	}));
}
