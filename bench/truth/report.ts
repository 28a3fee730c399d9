import type { Panel } from "./picture.ts";
import type { PolicyName, Recording } from "./recording.ts";
import { type LatencyFigures, latencyFigures, windowsOf } from "./scoring/latency.ts";
import {
	type Agreement,
	agreement,
	type Followed,
	followUp,
	type PredictionFigures,
	predictionFigures,
} from "./scoring/predictions.ts";
import { changesOf } from "./script.ts";

/** Predictions of the first minutes are of a calibration that knows nothing yet. */
const CALIBRATION_SECONDS = 300;

/** What one policy brought. */
export interface Score {
	readonly policy: PolicyName;
	readonly byApp: ReadonlyMap<string, LatencyFigures>;
	readonly violated: number;
	readonly failed: number;
	readonly moves: number;
	/** Moves per change of the world. */
	readonly movesPerChange: number;
	readonly reverted: number;
	/** Absent: nothing was predicted. */
	readonly predictions: PredictionScore | undefined;
}

export interface PredictionScore {
	readonly all: PredictionFigures;
	/** After the calibration's first minutes. */
	readonly settled: PredictionFigures;
	readonly byPair: ReadonlyMap<string, PredictionFigures>;
	readonly agreement: Agreement;
}

export function scoreOf(recording: Recording): Score {
	const { policy, script, startedAt, requests, moves } = recording;
	const ofApps = Map.groupBy(
		requests.filter(({ kind }) => kind === "request"),
		({ app }) => app,
	);
	const byApp = new Map(
		script.apps.map(({ name, target }) => [
			name,
			latencyFigures(ofApps.get(name) ?? [], { from: startedAt, seconds: script.seconds, target: target / 1000 }),
		]),
	);
	const sum = (of: (figures: LatencyFigures) => number): number =>
		[...byApp.values()].reduce((total, figures) => total + of(figures), 0);
	return {
		policy,
		byApp,
		violated: sum(({ violated }) => violated),
		failed: sum(({ failed }) => failed),
		moves: moves.length,
		movesPerChange: moves.length / changesOf(script).length,
		reverted: moves.filter(({ phase }) => phase === "Reverted").length,
		predictions: recording.forecasts.length === 0 ? undefined : predictionScore(recording),
	};
}

function predictionScore({ forecasts, requests, startedAt }: Recording): PredictionScore {
	const followed = followUp(forecasts, requests);
	const isSettled = ({ at }: { readonly at: number }): boolean => at >= startedAt + CALIBRATION_SECONDS * 1000;
	const pairs = Map.groupBy(followed, ({ app, node }: Followed) => `${app} on ${node}`);
	return {
		all: predictionFigures(followed),
		settled: predictionFigures(followed.filter(isSettled)),
		byPair: new Map([...pairs].map(([pair, own]) => [pair, predictionFigures(own)] as const).toSorted(byName)),
		agreement: agreement(forecasts, requests),
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

/** Tables in Markdown, for a terminal and for docs alike. */
export function tablesOf(scores: readonly Score[]): string {
	const apps = [...(scores[0]?.byApp.keys() ?? [])];
	const byApp = apps.flatMap((app) =>
		scores.map(({ policy, byApp }) => {
			const { requests, failed, p50, p99, violated } = byApp.get(app) as LatencyFigures;
			return [app, policy, `${violated} s`, milliseconds(p50), milliseconds(p99), `${failed} of ${requests}`];
		}),
	);
	const whole = scores.map(({ policy, violated, failed, moves, reverted, movesPerChange }) => [
		policy,
		`${violated} s`,
		String(failed),
		`${moves} (${reverted} reverted)`,
		movesPerChange.toFixed(1),
	]);
	const predicted = scores.flatMap(({ policy, predictions }) =>
		predictions
			? [
					["all", predictions.all] as const,
					[`after ${CALIBRATION_SECONDS / 60} min`, predictions.settled] as const,
					...predictions.byPair,
				]
					.filter(([, { count }]) => count > 0)
					.map(([what, { count, error, bias, coverage }]) => [
						policy,
						what,
						String(count),
						percent(error),
						percent(bias),
						coverage.toFixed(2),
					])
			: [],
	);
	const agreed = scores.flatMap(({ policy, predictions }) =>
		predictions ? [[policy, String(predictions.agreement.count), percent(predictions.agreement.share)]] : [],
	);
	return [
		table(["policy", "SLO violated", "failed requests", "moves", "moves per change"], whole),
		table(["app", "policy", "SLO violated", "p50, ms", "p99, ms", "failed"], byApp),
		table(["policy", "predictions of", "count", "error", "bias", "coverage of 90 %"], predicted),
		table(["policy", "moments with a best node", "best by prediction too"], agreed),
	].join("\n");
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
