import { PodIndex } from "../../src/adapters/kubernetes/pod-index.ts";
import { HOSTNAME_KEY } from "../../src/core/cluster/node.ts";
import type { Pod, PodAffinityTerm, SchedulingSpec, TopologySpreadConstraint } from "../../src/core/cluster/pod.ts";
import { feasibilityChecker } from "../../src/core/feasibility/checker.ts";
import { feasibilityColumn } from "../../src/core/feasibility/column.ts";
import type { FeasibilityContext, PodToPlace } from "../../src/core/feasibility/pod-to-place.ts";
import { Ledger } from "../../src/core/features/ledger.ts";
import { moveReservationId, podRequests } from "../../src/core/migration/reservation.ts";
import { nodeNames, nodes, workloadNames } from "../world.ts";
import { type Goal, reached } from "./goals.ts";

const APPS = 1000;
const SIZES = [1000, 5000];
/** Apps that are judged node by node: it takes too long for all. */
const BY_CHECKER = 20;
const ROUNDS = 3;
/** Every so many apps one is moved, which the next must see. */
const MOVED = 10;
const GIB = 2 ** 30;

const KINDS = ["no other pods", "topology spread", "pod anti-affinity"] as const;
type Kind = (typeof KINDS)[number];

function schedulingOf(app: number, kind: Kind): SchedulingSpec {
	const labelSelector = { matchLabels: { app: `app-${app}` } };
	const term: PodAffinityTerm = {
		topologyKey: HOSTNAME_KEY,
		labelSelector,
		namespaces: [],
		namespaceSelector: undefined,
	};
	const spread: TopologySpreadConstraint = {
		topologyKey: HOSTNAME_KEY,
		maxSkew: 2,
		minDomains: undefined,
		whenUnsatisfiable: "DoNotSchedule",
		labelSelector,
		nodeAffinityPolicy: "Honor",
		nodeTaintsPolicy: "Ignore",
	};
	return {
		requests: { cpu: 0.25 + (app % 8) / 4, memory: GIB },
		cpuLimit: undefined,
		schedulerName: "default-scheduler",
		nodeSelector: {},
		nodeAffinity: undefined,
		podAffinity: [],
		podAntiAffinity: kind === "pod anti-affinity" ? [term] : [],
		tolerations: [],
		topologySpread: kind === "topology spread" ? [spread] : [],
		hostPorts: [],
		volumeClaims: [],
	};
}

/** Two pods of every app on nodes of 16 cores. */
function world(size: number, kind: Kind) {
	const names = nodeNames(size);
	const index = new PodIndex();
	const apps: PodToPlace[] = workloadNames(APPS).map((workload, app) => {
		const labels = { app: `app-${app}` };
		const scheduling = schedulingOf(app, kind);
		const pods = [0, 1].map((replica) => podOn(names[(2 * app + replica) % size] ?? "", `${app}-${replica}`));
		function podOn(nodeName: string, uid: string): Pod {
			const common = { phase: "Running", ready: true, terminating: false, createdAt: 0 } as const;
			const rest = { annotations: {}, unschedulableSince: undefined, workload, labels, scheduling };
			return { ...common, ...rest, uid, name: uid, namespace: "bench", nodeName };
		}
		for (const pod of pods) index.replace(undefined, pod);
		return { namespace: "bench", labels, scheduling, workload, replacing: new Set(pods.map(({ uid }) => uid)) };
	});
	const context: FeasibilityContext = {
		cluster: {
			nodes: nodes(names),
			pods: index.byUid,
			podsByNode: index.byNode,
			podRevisions: index.revisions,
			revisions: { nodes: 1, pods: index.revision },
			podsWithAntiAffinity: index.withAntiAffinity,
			namespaces: new Map(),
			volumeClaims: new Map(),
		},
		ledger: new Ledger(),
		candidates: {},
		topologyKey: HOSTNAME_KEY,
	};
	return { names, apps, context };
}

/** CPU time in ms. */
function cpuTime(work: () => void): number {
	const before = process.cpuUsage();
	work();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000;
}

/** One cycle's feasibility: ms of CPU per app for all nodes at once, with moves planned meanwhile. */
function column({ names, apps, context }: ReturnType<typeof world>): number {
	const total = cpuTime(() => {
		for (const [number, app] of apps.entries()) {
			const feasibility = feasibilityColumn(app, context, names);
			const target = names.findIndex((_, index) => feasibility.isFeasible(index));
			if (number % MOVED !== 0 || target < 0 || !app.workload) continue;
			context.ledger.reserve({
				id: moveReservationId(app.workload),
				workload: app.workload,
				node: names[target] ?? "",
				requests: podRequests(app.scheduling.requests),
				cpuCores: 1,
				createdAt: 0,
			});
		}
	});
	return total / apps.length;
}

/** The same node by node. */
function checker({ apps, context }: ReturnType<typeof world>): number {
	const judged = apps.slice(0, BY_CHECKER);
	const total = cpuTime(() => {
		for (const app of judged) {
			const check = feasibilityChecker(app, context);
			for (const node of context.cluster.nodes.values()) check(node);
		}
	});
	return total / judged.length;
}

/** Feasibility of 1,000 apps: what one costs on all nodes. */
export async function run(): Promise<readonly Goal[]> {
	console.log(`Feasibility: ms of CPU per app for all nodes, the best of ${ROUNDS} rounds of ${APPS} apps`);
	const goals: Goal[] = [];
	for (const kind of KINDS) {
		for (const size of SIZES) {
			const given = world(size, kind);
			const rounds = Array.from({ length: ROUNDS }, () => ({ columns: column(given), nodes: checker(given) }));
			const best = Math.min(...rounds.map(({ columns }) => columns));
			const slow = Math.min(...rounds.map((round) => round.nodes));
			const ratio = `${(slow / best).toFixed(0)} times faster than node by node`;
			console.log(`  ${kind.padEnd(18)} ${String(size).padStart(5)} nodes   ${best.toFixed(3)} ms   ${ratio}`);
			if (kind === KINDS[0] && size === SIZES.at(-1)) {
				goals.push(reached("feasibility of an app on 5,000 nodes, ms of CPU", best, "<=", 0.3));
			}
		}
	}
	return goals;
}
