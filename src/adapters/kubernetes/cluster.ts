import { parseDeployment } from "../../api/kubernetes/deployment.ts";
import { parseDisruptionBudget } from "../../api/kubernetes/disruption-budget.ts";
import { parseNamespace } from "../../api/kubernetes/namespace.ts";
import { parseNode } from "../../api/kubernetes/node.ts";
import { parsePod } from "../../api/kubernetes/pod.ts";
import { parseStorageClass } from "../../api/kubernetes/storage-class.ts";
import { parseClaim, parseVolume } from "../../api/kubernetes/volume.ts";
import { resourcePath } from "../../api/v1alpha1/group.ts";
import { parseJob } from "../../api/v1alpha1/job.ts";
import { parseMigration } from "../../api/v1alpha1/migration.ts";
import type { Parsed } from "../../api/v1alpha1/parse.ts";
import { parsePolicy } from "../../api/v1alpha1/policy.ts";
import type { Pod } from "../../core/cluster/pod.ts";
import type { ClusterState, Revisions } from "../../core/cluster/state.ts";
import type { Workload, WorkloadKey } from "../../core/cluster/workload.ts";
import type { Job } from "../../core/job/job.ts";
import { ClaimIndex } from "./claim-index.ts";
import { Collection, type CollectionOptions } from "./collection.ts";
import type { KubernetesConnection } from "./connection.ts";
import { Interner } from "./interner.ts";
import type { Log } from "./log.ts";
import { PodIndex } from "./pod-index.ts";
import { Reflector, type Sink } from "./reflector.ts";
import { parseReportHead, type ReportHead } from "./report-head.ts";

/** Path of every collection that is watched. */
const PATHS = {
	Node: "/api/v1/nodes",
	Pod: "/api/v1/pods",
	Namespace: "/api/v1/namespaces",
	PersistentVolume: "/api/v1/persistentvolumes",
	PersistentVolumeClaim: "/api/v1/persistentvolumeclaims",
	StorageClass: "/apis/storage.k8s.io/v1/storageclasses",
	Deployment: "/apis/apps/v1/deployments",
	PodDisruptionBudget: "/apis/policy/v1/poddisruptionbudgets",
	QoSPolicy: resourcePath("QoSPolicy"),
	QoSMigration: resourcePath("QoSMigration"),
	QoSJob: resourcePath("QoSJob"),
	QoSReport: resourcePath("QoSReport"),
} as const;

export type CachedKind = keyof typeof PATHS;

type Listener = (key: string) => void;

/** The cluster as watches show it, always current, in core types. */
export class KubernetesCluster {
	private readonly log: Log;
	private readonly connection: KubernetesConnection;
	private readonly pods = new PodIndex();
	private readonly claims = new ClaimIndex();
	private readonly interner = new Interner();
	private readonly listeners = new Map<CachedKind, Set<Listener>>();
	private readonly reflectors = new Map<CachedKind, Reflector>();
	private readonly problemsByKind = new Map<CachedKind, ReadonlyMap<string, string>>();
	private readonly podItems: ReadonlyMap<string, Pod>;
	private readonly jobItems: ReadonlyMap<string, Job>;
	private readonly reportItems: ReadonlyMap<string, ReportHead>;
	private readonly current: ClusterState;
	private nodeRevision = 0;

	constructor(connection: KubernetesConnection, log: Log) {
		this.connection = connection;
		this.log = log;
		this.podItems = this.cache(
			"Pod",
			(object) => this.interner.sharedPod(parsePod(object)),
			(_, before, after) => this.pods.replace(before, after),
		);
		this.cache("PersistentVolumeClaim", parseClaim, (key, _, claim) => this.claims.setClaim(key, claim));
		this.cache("PersistentVolume", parseVolume, (name, _, volume) => this.claims.setVolume(name, volume));
		this.cache("StorageClass", parseStorageClass, (name, _, storageClass) => this.claims.setClass(name, storageClass));
		this.jobItems = this.cache("QoSJob", parseJob);
		this.reportItems = this.cache("QoSReport", parseReportHead);
		this.current = {
			nodes: this.cache("Node", parseNode, () => {
				this.nodeRevision += 1;
			}),
			pods: this.pods.byUid,
			podsByNode: this.pods.byNode,
			podRevisions: this.pods.revisions,
			revisions: this.revisions(),
			podsByWorkload: this.pods.byWorkload,
			podsWithAntiAffinity: this.pods.withAntiAffinity,
			// A Deployment's key in the cache is its `namespace/name`.
			workloads: this.cache("Deployment", parseDeployment) as ReadonlyMap<WorkloadKey, Workload>,
			namespaces: this.cache("Namespace", parseNamespace),
			policies: this.cache("QoSPolicy", parsePolicy),
			migrations: this.cache("QoSMigration", parseMigration),
			disruptionBudgets: this.cache("PodDisruptionBudget", parseDisruptionBudget),
			volumeClaims: this.claims.claims,
		};
	}

	start(): void {
		for (const reflector of this.reflectors.values()) reflector.start();
	}

	async stop(): Promise<void> {
		await Promise.all([...this.reflectors.values()].map((reflector) => reflector.stop()));
	}

	/** Every kind was listed once. */
	ready(): boolean {
		return this.unready().length === 0;
	}

	/** Kinds that were never listed. */
	unready(): readonly CachedKind[] {
		return [...this.reflectors].filter(([, reflector]) => !reflector.ready).map(([kind]) => kind);
	}

	/** Seconds since the least current kind was known to be current; 0 while all watches stand. */
	ageSeconds(): number {
		return Math.max(...[...this.reflectors.values()].map((reflector) => reflector.ageSeconds()));
	}

	/** The live state: the same object always, its maps change as events come in. */
	state(): ClusterState {
		return this.current;
	}

	jobs(): Iterable<Job> {
		return this.jobItems.values();
	}

	/** The Deployment that owns a pod through a ReplicaSet; `undefined` when the pod is unknown or has none. */
	workloadOf(namespace: string, pod: string): WorkloadKey | undefined {
		return this.podItems.get(`${namespace}/${pod}`)?.workload;
	}

	/** What is known of the stored QoSReports, by `namespace/name`. */
	reports(): ReadonlyMap<string, ReportHead> {
		return this.reportItems;
	}

	/** Objects of a kind that cannot be read and so are not there, by key, with one line that says why. */
	problems(kind: CachedKind): ReadonlyMap<string, string> {
		return this.problemsByKind.get(kind) ?? new Map<string, string>();
	}

	/** Calls `listener` with the key of every changed object of a kind; returns how to end that. */
	onChange(kind: CachedKind, listener: Listener): () => void {
		const listeners = this.listeners.get(kind) ?? new Set<Listener>();
		this.listeners.set(kind, listeners.add(listener));
		return () => void listeners.delete(listener);
	}

	private revisions(): Revisions {
		const nodes = (): number => this.nodeRevision;
		const pods = (): number => this.pods.revision;
		return {
			get nodes() {
				return nodes();
			},
			get pods() {
				return pods();
			},
		};
	}

	private cache<T>(
		kind: CachedKind,
		parse: (object: unknown) => Parsed<T>,
		index?: NonNullable<CollectionOptions<T>["onChange"]>,
	): ReadonlyMap<string, T> {
		const collection = new Collection<T>({
			parse,
			log: this.log,
			onChange: (key, before, after) => {
				index?.(key, before, after);
				for (const listener of this.listeners.get(kind) ?? []) listener(key);
			},
		});
		this.problemsByKind.set(kind, collection.problems);
		this.reflectors.set(kind, this.reflector(kind, collection));
		return collection.items;
	}

	private reflector(kind: CachedKind, sink: Sink): Reflector {
		const metadataOnly = kind === "QoSReport";
		return new Reflector({ connection: this.connection, path: PATHS[kind], metadataOnly, sink, log: this.log });
	}
}
