import type { QoSReportStatus, ReportedNode } from "../../../../src/api/v1alpha1/report.ts";

/** How a Deployment would do on a node. */
export interface Cell {
	/** Reads without colour. */
	readonly symbol: "+" | "o" | "!" | "X" | "-" | "?" | " ";
	/** Predicted value as a share of the target, 1 is just kept; absent: unknown. For Maximize it is turned round. */
	readonly share: number | undefined;
	readonly isCurrent: boolean;
	readonly isRecommended: boolean;
}

/** Shares up to these are well within, within and nearly at the target. */
const LEVELS = [
	[0.6, "+"],
	[0.9, "o"],
	[1, "!"],
] as const;

/** `node` absent: the report does not list it. */
export function cellOf(node: ReportedNode | undefined, name: string, status: QoSReportStatus): Cell {
	const share = node && shareOf(node, status);
	return {
		symbol: symbolOf(node, share),
		share,
		isCurrent: status.current.node === name,
		isRecommended: status.decision.action === "Move" && status.recommended?.node === name,
	};
}

function shareOf({ predicted }: ReportedNode, { objective }: QoSReportStatus): number | undefined {
	const { target, direction } = objective;
	if (!predicted || target === undefined || target === 0) return undefined;
	const share = direction === "Minimize" ? predicted.value / target : target / predicted.value;
	return Number.isFinite(share) && share >= 0 ? share : undefined;
}

function symbolOf(node: ReportedNode | undefined, share: number | undefined): Cell["symbol"] {
	if (!node) return " ";
	if (!node.feasible) return "-";
	if (share === undefined) return "?";
	return LEVELS.find(([level]) => share <= level)?.[1] ?? "X";
}
