import { NAMESPACES } from "../machines.ts";
import type { Half } from "../record.ts";

/** Mean latency of the requests of the last seconds, over all pods of the app. */
export function latencyQuery(half: Half, app: string): string {
	const selector = `{namespace="${NAMESPACES[half]}",pod=~"${app}-.*"}`;
	const rate = (suffix: string) => `sum(rate(http_request_duration_seconds_${suffix}${selector}[3s]))`;
	return `${rate("sum")} / (${rate("count")} > 0)`;
}
