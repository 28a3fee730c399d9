import type { Session } from "../../client/session.ts";
import { PluginError, usage } from "../../errors.ts";
import { describeLeader, readLeader } from "../../resources/controller.ts";
import { believable } from "../../resources/freshness.ts";
import { CONTROLLER_NAMESPACE } from "../../resources/names.ts";
import { listMigrations } from "../../resources/read.ts";
import { findWorkloads, type Workload } from "../../resources/workloads.ts";
import type { Screen } from "../../screen.ts";
import type { Context } from "../command.ts";
import { scopeOf } from "../reading.ts";
import type { TopOptions } from "./command.ts";
import { extent, picture, type Scene } from "./picture.ts";

const ONCE = { columns: 132, rows: Number.POSITIVE_INFINITY, top: 0, left: 0, colour: false };

export async function run(options: TopOptions, { terminal, session }: Context): Promise<void> {
	const opened = await session();
	const first = await look(options, opened, terminal.now());
	if (options.once) {
		terminal.write(`${picture(first, ONCE).join("\n")}\n`);
		return;
	}
	if (!terminal.screen) throw usage("top needs a terminal; for one picture through a pipe, add --once");
	const colour = !terminal.environment["NO_COLOR"];
	await live(options, { opened, first, colour, screen: terminal.screen(), now: () => terminal.now() });
}

interface Live {
	readonly opened: Session;
	readonly first: Scene;
	readonly colour: boolean;
	readonly screen: Screen;
	readonly now: () => number;
}

/** Draws until the user leaves; the terminal is given back whatever happens. */
async function live(options: TopOptions, { opened, first, colour, screen, now }: Live): Promise<void> {
	let scene = first;
	let view = { top: 0, left: 0, interval: options.interval };
	const end = new AbortController();
	const draw = () => screen.draw(picture(scene, { ...view, columns: screen.columns, rows: screen.rows, colour }));
	screen.onResize(draw);
	screen.onKey((key) => {
		if (LEAVE.includes(key)) end.abort();
		view = moved(view, key, extent(scene));
		draw();
	});
	try {
		while (!end.signal.aborted) {
			draw();
			await pause(view.interval, end.signal);
			if (!end.signal.aborted) scene = await lookAgain(options, { opened, now, before: scene });
		}
	} finally {
		screen.close();
	}
}

/** q, Escape, Ctrl-C, Ctrl-D. */
const LEAVE = ["q", "Q", "\u001B", "\u0003", "\u0004"];

/** How much each key scrolls: Deployments, nodes. */
const STEPS: Readonly<Record<string, readonly [down: number, right: number]>> = {
	"\u001B[A": [-1, 0],
	k: [-1, 0],
	"\u001B[B": [1, 0],
	j: [1, 0],
	"\u001B[5~": [-10, 0],
	"\u001B[6~": [10, 0],
	"\u001B[D": [0, -1],
	h: [0, -1],
	"\u001B[C": [0, 1],
	l: [0, 1],
};

interface View {
	readonly top: number;
	readonly left: number;
	/** ms. */
	readonly interval: number;
}

function moved(view: View, key: string, { apps, nodes }: { readonly apps: number; readonly nodes: number }): View {
	const [down, right] = STEPS[key] ?? [0, 0];
	const factor = { "+": 0.5, "-": 2 }[key] ?? 1;
	return {
		top: Math.max(0, Math.min(apps - 1, view.top + down)),
		left: Math.max(0, Math.min(nodes - 1, view.left + right)),
		interval: Math.max(200, Math.min(60_000, view.interval * factor)),
	};
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, milliseconds);
		signal.addEventListener("abort", () => {
			clearTimeout(timer);
			resolve();
		});
	});
}

async function look(options: TopOptions, { client, namespace }: Session, now: number): Promise<Scene> {
	const scope = scopeOf(options, namespace);
	const [leader, found, migrations] = await Promise.all([
		readLeader(client, CONTROLLER_NAMESPACE),
		findWorkloads(client, scope),
		listMigrations(client, scope.namespace),
	]);
	if (found.workloads.length === 0 && found.failures.length > 0) throw new AggregateError(found.failures);
	return {
		workloads: found.workloads.map((workload) => asBelieved(workload, now)),
		migrations: migrations.read.map(({ value }) => value),
		namespaces: options.allNamespaces,
		title: describeLeader(leader, now),
		now,
	};
}

/** Of a stale report nothing is shown but where the Deployment runs. */
function asBelieved(workload: Workload, now: number): Workload {
	const { report } = workload;
	if (!report) return workload;
	return { ...workload, report: { ...report, value: { ...report.value, status: believable(report.value, now) } } };
}

/** A server that does not answer for a while is no reason to leave: the last picture stays, with what is wrong. */
async function lookAgain(
	options: TopOptions,
	{ opened, now, before }: { readonly opened: Session; readonly now: () => number; readonly before: Scene },
): Promise<Scene> {
	try {
		return await look(options, opened, now());
	} catch (error) {
		if (error instanceof PluginError && error.code === "Unreachable") {
			return { ...before, title: error.message.split("\n")[0] ?? "", now: now() };
		}
		throw error;
	}
}
