import type { QoSReport } from "../../src/api/v1alpha1/report.ts";
import { NAMESPACES, TIMES } from "./manifests.ts";
import type { Forecast } from "./scoring/predictions.ts";

/** Remembers what every QoSReport of the apps said at any time. */
export class ForecastLog {
	readonly forecasts: Forecast[] = [];
	private readonly seen = new Map<string, string>();

	/** Takes in what reports say now, by `namespace/name`. */
	take(reports: ReadonlyMap<string, QoSReport>): void {
		for (const [key, { metadata, status }] of reports) {
			if (metadata.namespace !== NAMESPACES.apps || !status || this.seen.get(key) === status.observedAt) continue;
			this.seen.set(key, status.observedAt);
			this.forecasts.push({
				app: metadata.name,
				at: Date.parse(status.observedAt),
				horizonSeconds: TIMES.horizon,
				measured: status.current.measured,
				node: status.current.node,
				predicted: new Map(status.nodes.flatMap(({ name, predicted }) => (predicted ? [[name, predicted]] : []))),
			});
		}
	}
}
