import { HOSTNAME_KEY, type Node } from "../../../src/core/cluster/node.ts";
import type { Pod } from "../../../src/core/cluster/pod.ts";
import type { ClusterState } from "../../../src/core/cluster/state.ts";
import type { Workload } from "../../../src/core/cluster/workload.ts";
import {
	encodePlacement,
	PLACEMENT_KEY,
	PREVIOUS_PLACEMENT_KEY,
	previousPlacementOf,
	previousPlacementText,
} from "../../../src/core/migration/annotations.ts";
import type { Command, CommandOutcome } from "../../../src/core/migration/command.ts";
import type { Migration } from "../../../src/core/migration/migration.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { cluster, migration, node, policy, workload } from "../cluster-core/builders.ts";

type CommandOf<Kind extends Command["kind"]> = Extract<Command, { kind: Kind }>;

/**
 * One Deployment, its migration and some nodes as the API server keeps them: writes carry resourceVersions,
 * readers see a cache that may lag behind. It does what the executor and the real server would do.
 */
export class ApiServer {
	nodes: readonly Node[] = [node("a"), node("b"), node("c")];
	pods: readonly Pod[] = [];
	policy: Policy = policy();
	workload: Workload = workload("web");
	migration: Migration = migration("move", { to: "b" });
	others: readonly Migration[] = [];
	/** Every command that was carried out. */
	readonly applied: Command[] = [];
	private cached: ClusterState | undefined;

	/** What a reader sees: the newest, unless the cache was held. */
	view(): ClusterState {
		return this.cached ?? this.newest();
	}

	/** From now on readers see the state of this moment. */
	hold(): void {
		this.cached = this.newest();
	}

	refresh(): void {
		this.cached = undefined;
	}

	/** Carries out at most `limit` commands, then the process dies; stops at the first that fails. */
	execute(commands: readonly Command[], limit = Number.POSITIVE_INFINITY): void {
		for (const command of commands.slice(0, limit)) if (this.apply(command) !== "Applied") return;
	}

	/** The Deployment controller finishes the rollout. */
	rollOut(): void {
		this.changeWorkload({ rolledOut: true });
	}

	/** Somebody annotates the migration. */
	cancel(cancelledBy: string): void {
		const { resourceVersion } = this.migration;
		this.migration = { ...this.migration, cancelledBy, resourceVersion: next(resourceVersion) };
	}

	/** Phase and reason of the migration. */
	state(): string {
		const { phase, reason } = this.migration.status;
		return `${phase} ${reason}`;
	}

	/** The node that the Deployment's template asks for. */
	selector(): string | undefined {
		return this.workload.template.scheduling.nodeSelector[HOSTNAME_KEY];
	}

	countOf(kind: Command["kind"]): number {
		return this.applied.filter((command) => command.kind === kind).length;
	}

	private newest(): ClusterState {
		return cluster({
			nodes: this.nodes,
			pods: this.pods,
			workloads: [this.workload],
			policies: [this.policy],
			migrations: [...this.others, this.migration],
		});
	}

	private apply(command: Command): CommandOutcome {
		const outcome = this.write(command);
		if (outcome === "Applied") this.applied.push(command);
		return outcome;
	}

	private write(command: Command): CommandOutcome {
		switch (command.kind) {
			case "PinWorkload":
			case "RollWorkload":
			case "ReleaseWorkload":
				return this.patch(command);
			case "UpdateMigration":
				return this.update(command);
			case "RecordEvent":
				return "Applied";
			case "CreateMigration":
			case "DeleteMigration":
			case "EvictPod":
			case "RecordPolicyEvent":
				return { failed: `${command.kind} is not expected of a life cycle` };
		}
	}

	private update({ migration: { resourceVersion }, status }: CommandOf<"UpdateMigration">): CommandOutcome {
		if (resourceVersion !== this.migration.resourceVersion) return "Conflict";
		this.migration = { ...this.migration, status, resourceVersion: next(resourceVersion) };
		return "Applied";
	}

	private patch(command: CommandOf<"PinWorkload" | "RollWorkload" | "ReleaseWorkload">): CommandOutcome {
		if (command.resourceVersion !== this.workload.resourceVersion) return "Conflict";
		const annotations = { ...this.workload.annotations };
		const own = { ...this.workload.template.annotations };
		const nodeSelector = { ...this.workload.template.scheduling.nodeSelector };
		if (command.kind === "ReleaseWorkload") {
			delete annotations[PREVIOUS_PLACEMENT_KEY];
			delete own[PLACEMENT_KEY];
			set(nodeSelector, command.topologyKey, command.restore);
		} else {
			own[PLACEMENT_KEY] = encodePlacement(command.placement);
		}
		if (command.kind === "PinWorkload") {
			const { topologyKey, previous, value } = command;
			if (previousPlacementOf(annotations)?.topologyKey !== topologyKey) {
				annotations[PREVIOUS_PLACEMENT_KEY] = previousPlacementText({ topologyKey, value: previous ?? null });
			}
			nodeSelector[topologyKey] = value;
		}
		const { template } = this.workload;
		const scheduling = { ...template.scheduling, nodeSelector };
		this.changeWorkload({ annotations, template: { ...template, annotations: own, scheduling }, rolledOut: false });
		return "Applied";
	}

	changeWorkload(changes: Partial<Workload>): void {
		this.workload = { ...this.workload, ...changes, resourceVersion: next(this.workload.resourceVersion) };
	}
}

function set(labels: Record<string, string>, key: string, value: string | undefined): void {
	if (value === undefined) delete labels[key];
	else labels[key] = value;
}

function next(resourceVersion: string): string {
	return String(Number(resourceVersion) + 1);
}
