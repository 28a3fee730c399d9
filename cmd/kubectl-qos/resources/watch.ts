import { z } from "zod";
import { resourcePath } from "../../../src/api/v1alpha1/group.ts";
import { parseReport, type QoSReport } from "../../../src/api/v1alpha1/report.ts";
import { governing } from "../../../src/core/policy/governing.ts";
import { type ApiClient, isMissing } from "../client/client.ts";
import { PluginError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { listDeployments, listPolicies, type Read } from "./read.ts";
import { keyOf, type Scope, type Workload } from "./workloads.ts";

const eventSchema = z.object({
	type: z.string(),
	object: z.looseObject({
		metadata: z.object({
			namespace: z.string().default(""),
			name: z.string().default(""),
			resourceVersion: z.string().default(""),
		}),
	}),
});

/** The server sends a bookmark every minute or so; a connection that is silent for longer is dead. ms. */
const SILENCE = 150_000;
/** Waits between attempts to connect again. ms. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** Refusals in a row after which a server that allowed it before is believed. */
const PATIENCE = 5;

export interface Watched {
	readonly client: ApiClient;
	readonly terminal: Terminal;
	readonly scope: Scope;
	/** By namespace/name: what was listed before. */
	readonly known: ReadonlyMap<string, Workload>;
	/** Of that list; absent: everything is told once. */
	readonly resourceVersion: string | undefined;
}

/** Every Deployment whose report changes, until `signal` fires. Goes on after a disconnect. @throws PluginError */
export async function* watchWorkloads(watched: Watched, signal: AbortSignal): AsyncGenerator<Workload> {
	const workloads = new Map<string, Workload | undefined>(watched.known);
	for await (const report of watchReports(watched, signal)) {
		const { namespace, name } = report.value.metadata;
		const key = keyOf(report.value.metadata);
		// Who was found not to be meant is not asked for again.
		if (!workloads.has(key)) workloads.set(key, await newcomer(watched, namespace, name));
		const workload = workloads.get(key);
		if (workload) yield { ...workload, report };
	}
}

/** A Deployment that was not there when the list was made; `undefined` when it is not meant. */
async function newcomer({ client, scope }: Watched, namespace: string, name: string): Promise<Workload | undefined> {
	if (scope.targets.length > 0) return undefined;
	const fieldSelector = [scope.fieldSelector, `metadata.name=${name}`].filter(Boolean).join(",");
	const [[deployment], policies] = await Promise.all([
		listDeployments(client, namespace, { selector: scope.selector, fieldSelector }),
		listPolicies(client, namespace),
	]);
	if (!deployment) return undefined;
	const governance = governing(
		deployment,
		policies.read.map(({ value }) => value),
	);
	return { deployment, report: undefined, governance };
}

type ReadReport = Read<QoSReport>;

/** What a watch knows from one connection to the next. */
interface WatchState {
	/** Where to go on; absent: by a list, which tells what was missed. */
	version: string | undefined;
	/** Version of each report that was told last. */
	readonly told: Map<string, string>;
	/** ms until the next attempt. */
	pause: number;
	hasConnected: boolean;
	/** In a row. */
	refusals: number;
}

async function* watchReports(watched: Watched, signal: AbortSignal): AsyncGenerator<ReadReport> {
	const { terminal } = watched;
	const state: WatchState = {
		version: watched.resourceVersion,
		told: new Map(),
		pause: FIRST_PAUSE,
		hasConnected: false,
		refusals: 0,
	};
	for (const { report } of watched.known.values()) if (report) isNews(state, report);
	while (!signal.aborted) {
		try {
			yield* oneConnection(watched, state, signal);
		} catch (error) {
			if (signal.aborted) return;
			if (!mayPass(error, state)) throw error;
			if (state.pause === FIRST_PAUSE) terminal.note(`warning: ${error.message}; trying again`);
		}
		await terminal.sleep(state.pause, signal);
		state.pause = Math.min(LONGEST_PAUSE, state.pause * 2);
	}
}

/** No answer passes; a server that is starting refuses for a moment what it allowed before. */
function mayPass(error: unknown, state: WatchState): error is PluginError {
	if (!(error instanceof PluginError)) return false;
	if (error.code === "Unreachable") return true;
	state.refusals += 1;
	return state.hasConnected && state.refusals <= PATIENCE;
}

/** Reports until the connection ends. */
async function* oneConnection(watched: Watched, state: WatchState, signal: AbortSignal): AsyncGenerator<ReadReport> {
	if (state.version === undefined) {
		const list = await listed(watched.client, watched.scope.namespace);
		state.version = list.resourceVersion;
		yield* list.reports.filter((report) => isNews(state, report));
	}
	for await (const { type, object } of events(watched, state.version, signal)) {
		Object.assign(state, { pause: FIRST_PAUSE, hasConnected: true, refusals: 0 });
		// Nearly always: the version is too old by now.
		state.version = type === "ERROR" ? undefined : object.metadata.resourceVersion;
		if (type === "ERROR") return;
		const parsed = type === "ADDED" || type === "MODIFIED" ? parseReport(object) : undefined;
		const report = parsed?.ok ? { value: parsed.value, object } : undefined;
		if (report && isNews(state, report)) yield report;
	}
}

/** `false` when that version was told before. */
function isNews({ told }: WatchState, { value }: ReadReport): boolean {
	const { resourceVersion } = value.metadata;
	if (told.get(keyOf(value.metadata)) === resourceVersion) return false;
	told.set(keyOf(value.metadata), resourceVersion);
	return true;
}

async function listed(client: ApiClient, namespace: string | undefined) {
	const reports: ReadReport[] = [];
	let resourceVersion: string | undefined;
	for await (const page of client.pages(resourcePath("QoSReport", namespace))) {
		if (isMissing(page)) break;
		resourceVersion ??= page.resourceVersion;
		for (const object of page.objects) {
			const parsed = parseReport(object);
			if (parsed.ok) reports.push({ value: parsed.value, object });
		}
	}
	return { reports, resourceVersion };
}

async function* events({ client, scope }: Watched, resourceVersion: string | undefined, signal: AbortSignal) {
	const silence = new AbortController();
	let timer = setTimeout(() => silence.abort(), SILENCE);
	const query = { watch: "true", allowWatchBookmarks: "true", resourceVersion };
	const either = AbortSignal.any([signal, silence.signal]);
	try {
		for await (const line of client.lines(resourcePath("QoSReport", scope.namespace), query, either)) {
			clearTimeout(timer);
			timer = setTimeout(() => silence.abort(), SILENCE);
			const event = eventSchema.safeParse(line);
			yield event.success ? event.data : { type: "ERROR", object: { metadata: { resourceVersion: "" } } };
		}
	} catch (error) {
		if (!silence.signal.aborted) throw error;
	} finally {
		clearTimeout(timer);
	}
}
