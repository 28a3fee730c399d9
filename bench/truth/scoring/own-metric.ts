import { mean } from "./latency.ts";
import type { Followed, Forecast } from "./predictions.ts";

/** Rates look back so many seconds: what is measured earlier after a prediction is in part of before it. */
const LOOK_BACK_SECONDS = 4;
/** Share of the horizon's reports that must tell a measurement. */
const LEAST_SHARE = 0.7;

/**
 * Predictions for where an app was, beside the mean of the metric that they are predictions of, as the controller saw it over
 * the horizon: the server's own latency, while its clients also wait for the network and for the server to take a request.
 * What moved meanwhile, or was hardly measured, is left out.
 */
export function followUpByOwnMetric(forecasts: readonly Forecast[]): readonly Followed[] {
	return [...Map.groupBy(forecasts, ({ app }) => app).values()].flatMap((own) => {
		const inOrder = own.toSorted((left, right) => left.at - right.at);
		return inOrder.flatMap((forecast, index) => followed(forecast, inOrder.slice(index + 1)) ?? []);
	});
}

function followed(forecast: Forecast, later: readonly Forecast[]): Followed | undefined {
	const { app, at, node, horizonSeconds, predicted } = forecast;
	const here = node === undefined ? undefined : predicted.get(node);
	if (node === undefined || !here) return undefined;
	const end = at + horizonSeconds * 1000;
	const during = later.filter((report) => report.at <= end);
	const isToItsEnd = later.some((report) => report.at > end);
	if (!isToItsEnd || during.some((report) => report.node !== node)) return undefined;
	const speaking = during.filter((report) => report.at > at + LOOK_BACK_SECONDS * 1000);
	const values = speaking.flatMap(({ measured }) => measured ?? []);
	if (values.length === 0 || values.length < LEAST_SHARE * speaking.length) return undefined;
	const measured = mean(values);
	const isCovered = here.lower <= measured && measured <= here.upper;
	return { app, node, at, error: here.value / measured - 1, isCovered };
}
