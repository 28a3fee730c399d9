import { KubernetesConnection } from "../src/adapters/kubernetes/connection.ts";
import { SILENT } from "../src/adapters/kubernetes/log.ts";
import { Reflector } from "../src/adapters/kubernetes/reflector.ts";
import { parseDeployment } from "../src/api/kubernetes/deployment.ts";
import { parsePod } from "../src/api/kubernetes/pod.ts";
import { resourcePath } from "../src/api/v1alpha1/group.ts";
import { parseMigration } from "../src/api/v1alpha1/migration.ts";
import type { Parsed } from "../src/api/v1alpha1/parse.ts";
import { parseReport, type QoSReport } from "../src/api/v1alpha1/report.ts";
import type { Pod } from "../src/core/cluster/pod.ts";
import type { Workload, WorkloadKey } from "../src/core/cluster/workload.ts";
import type { Migration } from "../src/core/migration/migration.ts";
import type { Stay } from "./record.ts";

/** From when to when a pod was ready on a node; ms since the epoch. */
interface Service {
	readonly workload: WorkloadKey;
	readonly node: string;
	readonly from: number;
	readonly to: number | undefined;
}

/** Sees what happens through watches of its own, independent of the controller, and remembers it. */
export class Observer {
	/** All by `namespace/name`. Migrations that the controller has pruned are kept here. */
	readonly workloads = new Map<string, Workload>();
	readonly pods = new Map<string, Pod>();
	readonly migrations = new Map<string, Migration>();
	readonly reports = new Map<string, QoSReport>();
	private readonly availability = new Map<string, { readonly at: number; readonly replicas: number }[]>();
	/** Of the pods that are ready now, by `namespace/name`. */
	private readonly services = new Map<string, Service>();
	private readonly closed: Service[] = [];
	private readonly reflectors: readonly Reflector[];

	constructor(kubeconfigFile: string) {
		const connection = KubernetesConnection.open({ files: [kubeconfigFile] });
		const collections = [
			collection("/apis/apps/v1/deployments", parseDeployment, (key, workload) => this.seeWorkload(key, workload)),
			collection("/api/v1/pods", parsePod, (key, pod) => this.seePod(key, pod)),
			collection(resourcePath("QoSMigration"), parseMigration, (key, migration) => {
				if (migration) this.migrations.set(key, migration);
			}),
			collection(resourcePath("QoSReport"), parseReport, (key, report) => {
				if (report) this.reports.set(key, report);
				else this.reports.delete(key);
			}),
		];
		this.reflectors = collections.map(({ path, sink }) => new Reflector({ connection, path, sink, log: SILENT }));
	}

	/** Watches until `stop`. */
	start(): void {
		for (const reflector of this.reflectors) reflector.start();
	}

	async stop(): Promise<void> {
		await Promise.all(this.reflectors.map((reflector) => reflector.stop()));
	}

	/** Ready pods of a workload, the newest first. */
	running(workload: WorkloadKey): readonly Pod[] {
		return [...this.pods.values()]
			.filter((pod) => pod.workload === workload && pod.ready && !pod.terminating)
			.toSorted((left, right) => right.createdAt - left.createdAt);
	}

	nodeOf(workload: WorkloadKey): string | undefined {
		return this.running(workload)[0]?.nodeName;
	}

	/** The least number of available replicas between two times (ms), what stood at the first included. */
	leastAvailable(workload: WorkloadKey, from: number, to: number): number | undefined {
		const changes = this.availability.get(workload) ?? [];
		const before = changes.findLast(({ at }) => at <= from);
		const within = changes.filter(({ at }) => at > from && at <= to);
		const replicas = [...(before ? [before] : []), ...within].map((change) => change.replicas);
		return replicas.length > 0 ? Math.min(...replicas) : undefined;
	}

	/** Where a workload ran between two times (ms), in seconds since the first. */
	stays(workload: WorkloadKey, from: number, to: number): readonly Stay[] {
		const services = [...this.closed, ...this.services.values()].filter((service) => service.workload === workload);
		return staysOf(services, from, to);
	}

	private seeWorkload(key: string, workload: Workload | undefined): void {
		const changes = this.availability.get(key) ?? [];
		const replicas = workload?.availableReplicas ?? 0;
		if (changes.at(-1)?.replicas !== replicas) changes.push({ at: Date.now(), replicas });
		this.availability.set(key, changes);
		if (workload) this.workloads.set(key, workload);
		else this.workloads.delete(key);
	}

	private seePod(key: string, pod: Pod | undefined): void {
		if (pod) this.pods.set(key, pod);
		else this.pods.delete(key);
		const service = this.services.get(key);
		const isServing = pod?.ready === true && !pod.terminating;
		if (isServing && !service && pod.workload !== undefined && pod.nodeName !== undefined) {
			this.services.set(key, { workload: pod.workload, node: pod.nodeName, from: Date.now(), to: undefined });
		}
		if (!isServing && service) {
			this.services.delete(key);
			this.closed.push({ ...service, to: Date.now() });
		}
	}
}

/** A collection of the API server; `see` gets every object that is new or changed, and `undefined` for one that went. */
function collection<T>(
	path: string,
	parse: (object: unknown) => Parsed<T>,
	see: (key: string, object: T | undefined) => void,
) {
	const keys = new Set<string>();
	return {
		path,
		sink: {
			put(key: string, object: unknown): void {
				const parsed = parse(object);
				if (!parsed.ok) throw new Error(parsed.message);
				keys.add(key);
				see(key, parsed.value);
			},
			remove(key: string): void {
				keys.delete(key);
				see(key, undefined);
			},
			keys: () => keys,
		},
	};
}

/** Services of pods one after another: where two overlap, the newer one counts. */
export function staysOf(
	services: readonly { readonly node: string; readonly from: number; readonly to: number | undefined }[],
	from: number,
	to: number,
): readonly Stay[] {
	const sorted = services.toSorted((left, right) => left.from - right.from);
	const stays: { node: string; from: number; to: number }[] = [];
	for (const [index, service] of sorted.entries()) {
		const next = sorted[index + 1]?.from ?? Number.POSITIVE_INFINITY;
		const stay = {
			node: service.node,
			from: Math.max(0, (service.from - from) / 1000),
			to: Math.min(service.to ?? to, next, to) / 1000 - from / 1000,
		};
		const last = stays.at(-1);
		if (last && last.node === stay.node && stay.from - last.to < 0.5) last.to = stay.to;
		else if (stay.to > stay.from) stays.push(stay);
	}
	return stays;
}
