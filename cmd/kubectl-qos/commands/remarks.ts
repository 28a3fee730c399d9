import type { PluginError } from "../errors.ts";
import { noResources } from "../output/print.ts";
import { isStale } from "../resources/freshness.ts";
import { explainAbsence, type Lookup, type Workload } from "../resources/workloads.ts";

/** More Deployments without a report than this are counted, not listed. */
const LISTED = 5;

/** What stderr says beside the rows, gathered page by page. */
export class Remarks {
	readonly failures: PluginError[] = [];
	#found = 0;
	#ungoverned = 0;
	#stale = 0;
	readonly #unreported: Workload[] = [];

	/** `now` in ms. */
	add({ workloads, failures, ungoverned }: Lookup, now: number): void {
		this.failures.push(...failures);
		this.#found += workloads.length;
		this.#ungoverned += ungoverned;
		for (const workload of workloads) {
			const status = workload.report?.value.status;
			if (!status) this.#unreported.push(workload);
			else if (isStale(status, now)) this.#stale += 1;
		}
	}

	/** `namespace` absent: all were asked for. */
	lines(namespace: string | undefined): readonly string[] {
		return [...this.#nothing(namespace), ...this.#absences(), ...this.#staleness()];
	}

	#nothing(namespace: string | undefined): readonly string[] {
		if (this.#found > 0 || this.failures.length > 0) return [];
		const line = noResources(namespace);
		if (this.#ungoverned === 0) return [line];
		return [line, `hint: no QoSPolicy selects any of the ${this.#ungoverned} Deployments there`];
	}

	#absences(): readonly string[] {
		const lines = this.#unreported.slice(0, LISTED).map((workload) => `hint: ${explainAbsence(workload).message}`);
		const more = this.#unreported.length - lines.length;
		return more > 0 ? [...lines, `hint: ${more} more Deployments have no report either`] : lines;
	}

	#staleness(): readonly string[] {
		if (this.#stale === 0) return [];
		const which = this.#stale === 1 ? "1 report is" : `${this.#stale} reports are`;
		return [`warning: ${which} stale: the controller no longer renews it; see 'kubectl qos status'`];
	}
}
