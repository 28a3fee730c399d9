import { isFinished, type Migration } from "../../../../src/core/migration/migration.ts";
import { formatAge } from "../../output/age.ts";
import { noResources } from "../../output/print.ts";
import { printable } from "../../output/printable.ts";
import { ageOf, isStale } from "../../resources/freshness.ts";
import type { Workload } from "../../resources/workloads.ts";
import { type Cell, cellOf } from "./cell.ts";

/** Everything one picture is made of. `now` in ms. */
export interface Scene {
	readonly workloads: readonly Workload[];
	readonly migrations: readonly Migration[];
	readonly namespaces: boolean;
	/** First line: who leads, or what is wrong. */
	readonly title: string;
	readonly now: number;
}

export interface Frame {
	readonly columns: number;
	readonly rows: number;
	/** First Deployment and first node that are shown. */
	readonly top: number;
	readonly left: number;
	readonly colour: boolean;
}

const CELL = 7;
const NAME = 24;
/** A finished move is shown for so long. ms. */
const RECENT = 5 * 60_000;
const LEGEND = "+ well within o within ! nearly X beyond - infeasible ? unknown [] here > move";

/** The picture as lines of at most `columns` characters, colours apart. */
export function picture(scene: Scene, frame: Frame): readonly string[] {
	const { workloads, now } = scene;
	const nodes = nodesOf(workloads);
	const names = workloads.map((workload) => nameOf(workload, scene.namespaces));
	const width = Math.min(NAME, Math.max(4, ...names.map((name) => name.length)));
	const places = Math.max(1, Math.floor((frame.columns - width - AGE - 1) / CELL));
	const shown = nodes.slice(frame.left, frame.left + places);
	const moves = movesOf(scene);
	const height = Math.max(1, frame.rows - FIXED - moves.length);
	const rows = workloads.slice(frame.top, frame.top + height);
	const line = (text: string) => cut(printable(text), frame.columns);
	return [
		line(scene.title),
		line(scope(scene, { nodes: nodes.length, shown: shown.length, rows: rows.length, frame })),
		line(`${"NAME".padEnd(width)} ${shown.map(header).join("")}${"AGE".padStart(AGE)}`),
		...rows.map((workload, index) => {
			const name = cut(names[frame.top + index] ?? "", width).padEnd(width);
			return `${printable(name)} ${cellsOf(workload, shown, frame)}${ageCell(workload, now)}`;
		}),
		...(rows.length === 0 ? [noResources(undefined)] : []),
		...moves.map(line),
		line(LEGEND),
	];
}

/** Title, scope, header and legend. */
const FIXED = 4;
const AGE = 8;

/** How far the picture can be scrolled. */
export function extent({ workloads }: Scene): { readonly apps: number; readonly nodes: number } {
	return { apps: workloads.length, nodes: nodesOf(workloads).length };
}

function nodesOf(workloads: readonly Workload[]): readonly string[] {
	const names = new Set<string>();
	for (const { report } of workloads) {
		const status = report?.value.status;
		for (const { name } of status?.nodes ?? []) names.add(name);
		if (status?.current.node !== undefined) names.add(status.current.node);
	}
	return [...names].toSorted((left, right) => left.localeCompare(right, "en", { numeric: true }));
}

function nameOf({ deployment }: Workload, namespaces: boolean): string {
	return namespaces ? `${deployment.namespace}/${deployment.name}` : deployment.name;
}

function scope(
	{ workloads }: Scene,
	view: { readonly nodes: number; readonly shown: number; readonly rows: number; readonly frame: Frame },
): string {
	const { frame } = view;
	const apps = `Deployments ${from(frame.top, view.rows)} of ${workloads.length}`;
	return `${apps}, nodes ${from(frame.left, view.shown)} of ${view.nodes}; q leaves, arrows scroll`;
}

function from(start: number, count: number): string {
	return count === 0 ? "0" : `${start + 1}-${start + count}`;
}

/** The end of a node's name tells it from its neighbours. */
function header(node: string): string {
	return node.slice(-(CELL - 1)).padStart(CELL);
}

function cellsOf({ report }: Workload, nodes: readonly string[], frame: Frame): string {
	const status = report?.value.status;
	if (!status) return nodes.map(() => "?".padStart(CELL)).join("");
	const byName = new Map(status.nodes.map((node) => [node.name, node]));
	return nodes.map((name) => drawn(cellOf(byName.get(name), name, status), frame.colour)).join("");
}

function drawn(cell: Cell, colour: boolean): string {
	const percent =
		cell.share === undefined || cell.symbol === "-" ? "" : `${Math.min(999, Math.round(cell.share * 100))}`;
	const [open, close] = cell.isCurrent ? ["[", "]"] : [cell.isRecommended ? ">" : " ", " "];
	const text = `${open}${`${percent}${cell.symbol}`.padStart(CELL - 2)}${close}`;
	return colour ? `${COLOURS[cell.symbol]}${text}\u001B[0m` : text;
}

/** Green to red; what is no place is dim. */
const COLOURS: Readonly<Record<Cell["symbol"], string>> = {
	"+": "\u001B[30;42m",
	o: "\u001B[32m",
	"!": "\u001B[30;43m",
	X: "\u001B[97;41m",
	"-": "\u001B[2m",
	"?": "\u001B[35m",
	" ": "",
};

function ageCell({ report }: Workload, now: number): string {
	const status = report?.value.status;
	if (!status) return "-".padStart(AGE);
	const age = formatAge(ageOf(status, now));
	return (isStale(status, now) ? `${age}?!` : age).padStart(AGE);
}

function movesOf({ migrations, now }: Scene): readonly string[] {
	return migrations
		.filter((one) => !isFinished(one) || now - (one.status.completedAt ?? one.createdAt) < RECENT)
		.toSorted((left, right) => right.createdAt - left.createdAt)
		.slice(0, 4)
		.map(({ workload, status, to, createdAt }) => {
			const way = `${status.from ?? "?"} -> ${status.to ?? to ?? "?"}`;
			return `${workload}: ${way} ${status.phase ?? "Pending"} ${formatAge(now - createdAt)}`;
		});
}

function cut(text: string, width: number): string {
	return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}~`;
}
