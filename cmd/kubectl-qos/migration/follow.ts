import { isFinished, type Migration } from "../../../src/core/migration/migration.ts";
import type { ApiClient } from "../client/client.ts";
import { interrupted, PluginError, timedOut } from "../errors.ts";
import { printable } from "../output/printable.ts";
import { type Read, readMigration } from "../resources/read.ts";
import type { Terminal } from "../terminal.ts";

const POLL = 1_000;
/** A healthy controller takes a request up within seconds. */
const PATIENCE = 30_000;
/** Polls in a row that may fail before waiting is given up: an API server restarts in less. */
const TOLERATED_FAILURES = 30;

/** What to wait for. */
export interface Following {
	readonly client: ApiClient;
	readonly terminal: Terminal;
	readonly namespace: string;
	readonly name: string;
	/** ms; 0: no limit. */
	readonly timeout: number;
	/** The Deployment that is moved. */
	readonly workload: string;
	/** What goes on when the waiting ends; default: the migration, with how to watch and cancel it. */
	readonly goesOn?: string;
}

/**
 * Waits until the migration has ended, telling every change of phase on stderr.
 * @throws PluginError Interrupted on Ctrl-C and TimedOut; the migration goes on in both cases
 */
export function follow(following: Following): Promise<Read<Migration>> {
	return following.terminal.interruptible((signal) => poll(following, signal));
}

/** What waiting remembers from one look to the next. */
interface Watch {
	readonly start: number;
	failures: number;
	told: string | undefined;
	warned: boolean;
}

async function poll(following: Following, signal: AbortSignal): Promise<Read<Migration>> {
	const { terminal, timeout } = following;
	const watch: Watch = { start: terminal.now(), failures: 0, told: undefined, warned: false };
	for (;;) {
		const migration = await look(following, watch);
		if (migration) tell(terminal, watch, migration.value);
		if (migration && isFinished(migration.value)) return migration;
		if (timeout > 0 && terminal.now() - watch.start >= timeout) {
			throw timedOut(`timed out waiting for it; ${goesOn(following)}`);
		}
		await terminal.sleep(POLL, signal);
		if (signal.aborted) throw interrupted(goesOn(following));
	}
}

function tell(terminal: Terminal, watch: Watch, migration: Migration): void {
	const line = progress(migration);
	if (line !== watch.told) terminal.note(line);
	watch.told = line;
	const isIgnored = migration.status.phase === undefined && terminal.now() - watch.start >= PATIENCE;
	if (!isIgnored || watch.warned) return;
	terminal.note("warning: no controller has taken the request up yet; see 'kubectl qos status'");
	watch.warned = true;
}

async function look(following: Following, watch: Watch): Promise<Read<Migration> | undefined> {
	try {
		const migration = await readMigration(following.client, following.namespace, following.name);
		watch.failures = 0;
		return migration;
	} catch (error) {
		watch.failures += 1;
		const isPassing = error instanceof PluginError && error.code === "Unreachable";
		if (!isPassing || watch.failures > TOLERATED_FAILURES) throw error;
		return undefined;
	}
}

function progress({ name, status }: Migration): string {
	const phase = status.phase ?? "Pending";
	const way = status.from !== undefined && status.to !== undefined ? ` ${status.from} -> ${status.to}` : "";
	return printable(`${name}: ${phase}${way}${status.message ? `: ${status.message}` : ""}`);
}

function goesOn({ namespace, name, workload, goesOn }: Following): string {
	if (goesOn !== undefined) return goesOn;
	return `migration ${name} continues in the background; watch it with 'kubectl get qosm ${name} -n ${namespace} -w', cancel it with 'kubectl qos migrate deploy/${workload} -n ${namespace} --cancel'`;
}
