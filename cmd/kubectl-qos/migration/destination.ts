import type { QoSReportStatus, ReportedNode } from "../../../src/api/v1alpha1/report.ts";
import { HOSTNAME_KEY } from "../../../src/core/cluster/node.ts";
import type { Prediction } from "../../../src/core/prediction/prediction.ts";
import { notMovable } from "../errors.ts";

/** Where a migration would go, as far as it is known before the controller looks at it. */
export interface Destination {
	readonly from: string | undefined;
	/** A value of the topology key; absent: the controller takes the best. */
	readonly to: string | undefined;
	readonly predicted: Prediction | undefined;
	readonly gain: number | undefined;
	/** What could not be checked here. */
	readonly warning: string | undefined;
}

/** What a destination is chosen from. */
export interface Choice {
	/** The Deployment's name. */
	readonly name: string;
	/** The value of `--to`. */
	readonly to: string | undefined;
	readonly topologyKey: string;
	/** A fresh report; absent: none, or stale. */
	readonly report: QoSReportStatus | undefined;
}

function domainOf(node: ReportedNode): string {
	return node.domain ?? node.name;
}

/**
 * Checks `--to` against what the report knows. The controller judges feasibility again when it moves.
 * @returns `undefined` when the Deployment runs there already
 * @throws PluginError NotMovable, with the reason by name
 */
export function chooseDestination({ report, ...choice }: Choice): Destination | undefined {
	const { to } = choice;
	if (!report) {
		const warning =
			"there is no fresh report: the controller checks the destination itself when it takes the request up";
		return { from: undefined, to, predicted: undefined, gain: undefined, warning };
	}
	const from = report.current.domain ?? report.current.node;
	if (to === undefined) return best(choice.name, report, from);
	return to === from ? undefined : named({ ...choice, to, from, report });
}

interface NamedChoice {
	readonly name: string;
	readonly from: string | undefined;
	readonly to: string;
	readonly topologyKey: string;
	readonly report: QoSReportStatus;
}

function named(choice: NamedChoice): Destination {
	const { from, to, report } = choice;
	const nodes = report.nodes.filter((node) => domainOf(node) === to);
	const [first] = nodes.filter(({ feasible }) => feasible).toSorted((left, right) => rankOf(left) - rankOf(right));
	if (nodes.length > 0 && !first) throw notMovable(infeasiblePlace(choice, nodes));
	return {
		from,
		to,
		predicted: first?.predicted,
		gain: gainAt(report, to),
		warning: first ? undefined : unlisted(choice),
	};
}

function rankOf({ rank }: ReportedNode): number {
	return rank ?? Number.POSITIVE_INFINITY;
}

function gainAt({ recommended }: QoSReportStatus, to: string): number | undefined {
	return recommended && (recommended.domain ?? recommended.node) === to ? recommended.gain : undefined;
}

/** A report of a large cluster lists its best nodes only; of a place it does not list nothing is known. */
function unlisted(choice: NamedChoice): string {
	const { report, to } = choice;
	if (report.nodesTotal <= report.nodes.length) throw notMovable(unknownPlace(choice));
	return `the report lists ${report.nodes.length} of ${report.nodesTotal} nodes, not "${to}": the controller checks it itself`;
}

function best(name: string, { recommended, decision }: QoSReportStatus, from: string | undefined): Destination {
	if (!recommended) {
		throw notMovable(
			`no better place is known for deployment "${name}" (${decision.reason}: ${decision.message}); name one with --to`,
		);
	}
	// Left open: at the time of the move another place may be the best.
	return { from, to: undefined, predicted: recommended.predicted, gain: recommended.gain, warning: undefined };
}

function unknownPlace({ to, topologyKey, name, report }: NamedChoice): string {
	const node = report.nodes.find((candidate) => candidate.name === to);
	if (node && topologyKey !== HOSTNAME_KEY) {
		return `"${to}" is a node, but deployment "${name}" is placed by ${topologyKey}; use --to ${domainOf(node)}`;
	}
	const places = [...new Set(report.nodes.map(domainOf))];
	const some = places.slice(0, 10).join(", ") + (places.length > 10 ? ", ..." : "");
	return `deployment "${name}" cannot run on ${to}: UnknownDestination: it may not run on any node with ${topologyKey}=${to}; there are: ${some || "none"}`;
}

function infeasiblePlace({ name, to }: NamedChoice, nodes: readonly ReportedNode[]): string {
	const reasons = nodes.map(({ reason = "Infeasible", message }) => (message ? `${reason}: ${message}` : reason));
	return `deployment "${name}" cannot run on ${to}: ${[...new Set(reasons)].join("; ")}`;
}
