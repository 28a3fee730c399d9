import { isFinished, type Migration } from "../../../../src/core/migration/migration.ts";
import { formatAge } from "../../output/age.ts";
import { formatValue, NONE, UNKNOWN } from "../../output/number.ts";
import type { Table } from "../../output/table.ts";
import type { Read } from "../../resources/read.ts";

const HEADERS = ["NAME", "FROM", "TO", "TRIGGER", "REQUESTED-BY", "RESULT", "BEFORE", "PROMISED", "MEASURED", "AGE"];
const WIDE = ["TOOK", "OVERRIDE", "QOSMIGRATION", "ASKED-FOR", "REASON", "MESSAGE"];

/** One row per migration. `units` are of the Deployments' metrics. */
export function historyTable(
	migrations: readonly Read<Migration>[],
	how: {
		readonly wide: boolean;
		readonly namespaces: boolean;
		readonly now: number;
		readonly units: ReadonlyMap<string, string>;
	},
): Table {
	return {
		headers: [...(how.namespaces ? ["NAMESPACE"] : []), ...HEADERS, ...(how.wide ? WIDE : [])],
		rows: migrations.map(({ value }) => [
			...(how.namespaces ? [value.namespace] : []),
			...cellsOf(value, how.units.get(value.workload) ?? "", how.now),
			...(how.wide ? wideCells(value) : []),
		]),
	};
}

function cellsOf(migration: Migration, unit: string, now: number): readonly string[] {
	const { status, to, workload, requestedBy, createdAt } = migration;
	return [
		workload.slice(workload.indexOf("/") + 1),
		status.from ?? UNKNOWN,
		status.to ?? to ?? UNKNOWN,
		triggerOf(migration),
		requestedBy || UNKNOWN,
		status.phase ?? "Pending",
		formatValue(status.measuredBefore, unit),
		formatValue(status.promised?.value, unit),
		formatValue(status.measured, unit),
		formatAge(now - createdAt),
	];
}

function triggerOf({ automatic, override }: Migration): string {
	if (automatic) return "Automatic";
	return override.length > 0 ? "Forced" : "Requested";
}

function wideCells(migration: Migration): readonly string[] {
	const { createdAt, override, name, reason, status } = migration;
	const end = isFinished(migration) ? status.completedAt : undefined;
	return [
		end === undefined ? UNKNOWN : formatAge(end - createdAt),
		override.length === 0 ? NONE : override.join(","),
		name,
		reason || NONE,
		status.reason || UNKNOWN,
		status.message || NONE,
	];
}
