import type { DeploymentObject, MigrationObject, PodObject, ReportObject } from "./kinds.ts";
import type { Stage } from "./stage.ts";

/** What these look through: a stage, or a cluster of another kind. */
export type View = Pick<Stage, "api" | "waitUntil">;

/** The placement annotation of a pod or template. */
export interface PlacementAnnotation {
	readonly domain?: string;
	readonly predicted?: number;
	readonly policy: string;
	readonly observedAt: string;
	readonly migration?: string;
}

export const HOSTNAME = "kubernetes.io/hostname";
const PLACEMENT = "kubectl-qos.dev/placement";

/** What the controller wrote into the placement annotation; `undefined` when there is none. */
export function placementOf(object: {
	readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}): PlacementAnnotation | undefined {
	const text = object.metadata.annotations?.[PLACEMENT];
	return text === undefined ? undefined : JSON.parse(text);
}

/** Pods of an app that are not on their way out. */
export async function livePods(stage: View, namespace: string, app: string): Promise<readonly PodObject[]> {
	const pods = await stage.api.list("Pod", namespace, `app=${app}`);
	return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** Whether a pod takes requests. */
export function isReady({ status }: PodObject): boolean {
	return status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

/** The app's pods once there are exactly so many and all are Ready. */
export function running(stage: View, namespace: string, app: string, replicas = 1): Promise<readonly PodObject[]> {
	return stage.waitUntil(`${replicas} pods of ${namespace}/${app} run`, async () => {
		const pods = await livePods(stage, namespace, app);
		const states = pods.map(
			(pod) => `${pod.metadata.name} on ${pod.spec.nodeName} ${isReady(pod) ? "Ready" : "not Ready"}`,
		);
		if (pods.length !== replicas || !pods.every(isReady)) throw new Error(states.join(", ") || "there are none");
		return pods;
	});
}

/** The node of an app with one replica, once it runs. */
export async function nodeOf(stage: View, namespace: string, app: string): Promise<string> {
	const [pod] = await running(stage, namespace, app);
	return pod?.spec.nodeName ?? "";
}

/** Waits until an app with one replica runs on one of the nodes, and returns that node. */
export function runsOn(
	stage: View,
	[namespace, app]: readonly [string, string],
	nodes: readonly string[],
	timeoutMs?: number,
): Promise<string> {
	return stage.waitUntil(
		`${namespace}/${app} runs on ${nodes.join(" or ")}`,
		async () => {
			const ready = (await livePods(stage, namespace, app)).filter(isReady);
			const found = ready.find(({ spec }) => nodes.includes(spec.nodeName ?? ""));
			if (!found) throw new Error(`it runs on ${ready.map(({ spec }) => spec.nodeName).join(", ") || "no node"}`);
			return found.spec.nodeName;
		},
		timeoutMs,
	);
}

/** A pod as the Deployment's newest ReplicaSet would create the next one. */
export async function nextPodOf(stage: View, namespace: string, app: string): Promise<object> {
	const replicaSets = await stage.api.list("ReplicaSet", namespace, `app=${app}`);
	const current = replicaSets.find(({ spec }) => spec.replicas > 0);
	if (!current) throw new Error(`${namespace}/${app} has no ReplicaSet with pods`);
	const { name, uid, labels } = current.metadata;
	const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name, uid, controller: true };
	return {
		apiVersion: "v1",
		kind: "Pod",
		metadata: { generateName: `${name}-`, labels, ownerReferences: [owner] },
		spec: { containers: [{ name: "app", image: "example.invalid/app" }] },
	};
}

/** Migrations of a Deployment, oldest first. */
export async function migrationsOf(stage: View, namespace: string, app: string): Promise<readonly MigrationObject[]> {
	const all = await stage.api.list("QoSMigration", namespace);
	return all
		.filter(({ spec }) => spec.workload === app)
		.toSorted((left, right) => left.metadata.creationTimestamp.localeCompare(right.metadata.creationTimestamp));
}

/** Waits for a Deployment's migration in one of the phases. */
export function migrationIn(
	stage: View,
	[namespace, app]: readonly [string, string],
	phases: readonly string[],
	timeoutMs?: number,
): Promise<MigrationObject> {
	return stage.waitUntil(
		`a migration of ${namespace}/${app} is ${phases.join(" or ")}`,
		async () => {
			const migrations = await migrationsOf(stage, namespace, app);
			const found = migrations.find(({ status }) => phases.includes(status?.phase ?? ""));
			if (found) return found;
			const decision = (await stage.api.find("QoSReport", namespace, app))?.status?.decision;
			const states = migrations.map(
				(migration) => `${migration.metadata.name} ${migration.status?.phase}: ${reasonOf(migration)}`,
			);
			throw new Error(
				`${states.join("; ") || "none"}; decision ${decision?.action} ${decision?.reason}: ${decision?.message}`,
			);
		},
		timeoutMs,
	);
}

/** Reason and message of a migration's newest transition. */
export function reasonOf({ status }: Pick<MigrationObject, "status">): string {
	const complete = status?.conditions?.find(({ type }) => type === "Complete");
	return `${complete?.reason}: ${complete?.message}`;
}

/** Waits for a report that the check accepts. */
export function reportThat(
	stage: View,
	[namespace, app]: readonly [string, string],
	what: string,
	accepts: (status: NonNullable<ReportObject["status"]>) => boolean,
): Promise<NonNullable<ReportObject["status"]>> {
	return stage.waitUntil(`the report of ${namespace}/${app} shows ${what}`, async () => {
		const status = (await stage.api.find("QoSReport", namespace, app))?.status;
		if (status && accepts(status)) return status;
		throw new Error(`it shows ${JSON.stringify({ current: status?.current, decision: status?.decision })}`);
	});
}

/** Waits until the controller's job of this action has begun and ended `runs` more times. */
export async function moreRuns(stage: Stage, job: "predict" | "rebalance", runs: number): Promise<void> {
	const action = job === "predict" ? "Predict" : "Rebalance";
	const before = await stage.metric("kubectl_qos_cycle_duration_seconds_count", { action });
	await stage.waitUntil(`${runs} more runs of ${job}`, async () => {
		const now = await stage.metric("kubectl_qos_cycle_duration_seconds_count", { action });
		// The run that was under way at the beginning does not count.
		return now >= before + runs + 1 ? true : undefined;
	});
}

export interface AvailabilityWatch {
	/** The least number of available replicas seen so far. */
	readonly least: number;
	/** Values of the Deployment's generation seen so far. */
	readonly generations: ReadonlySet<number>;
	stop(): void;
}

/** Watches a Deployment; resolves once it was seen the first time. */
export async function watchAvailability(stage: View, namespace: string, name: string): Promise<AvailabilityWatch> {
	let least = Number.POSITIVE_INFINITY;
	const generations = new Set<number>();
	const stop = stage.api.watch("Deployment", { namespace, name }, ({ metadata, status }: DeploymentObject) => {
		least = Math.min(least, status?.availableReplicas ?? 0);
		generations.add(metadata.generation ?? 0);
	});
	await stage.waitUntil("the watch has begun", async () => (generations.size > 0 ? true : undefined));
	return {
		get least() {
			return least;
		},
		generations,
		stop,
	};
}
