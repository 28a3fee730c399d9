import { createHash } from "node:crypto";
import { API_VERSION, resourcePath } from "../../api/v1alpha1/group.ts";
import { newMigration, prefixOf, toMigrationStatus } from "../../api/v1alpha1/migration.ts";
import type { ClusterState } from "../../core/cluster/state.ts";
import type { WorkloadKey } from "../../core/cluster/workload.ts";
import type { Actuator, Command, CommandOf, CommandOutcome } from "../../core/migration/command.ts";
import { type ApiRequest, type KubernetesConnection, MERGE_PATCH } from "./connection.ts";
import { ApiError } from "./errors.ts";
import { EventRecorder } from "./events.ts";
import { pinPatch, releasePatch, rollPatch } from "./patches.ts";
import { deploymentPath, objectPath } from "./paths.ts";

export interface ActuatorOptions {
	readonly connection: KubernetesConnection;
	readonly state: () => ClusterState;
	/** ms since the epoch. */
	readonly clock: () => number;
}

/** Carries out commands by writing to the API server, each guarded so that it is not done twice. */
export class KubernetesActuator implements Actuator {
	private readonly options: ActuatorOptions;
	private readonly events: EventRecorder;

	constructor(options: ActuatorOptions) {
		this.options = options;
		this.events = new EventRecorder(options.connection);
	}

	async apply(command: Command): Promise<CommandOutcome> {
		try {
			return (await this.carryOut(command)) ?? "Applied";
		} catch (error) {
			return outcomeOf(error);
		}
	}

	private async carryOut(command: Command): Promise<CommandOutcome | undefined> {
		switch (command.kind) {
			case "CreateMigration":
				return this.createMigration(command);
			case "PinWorkload":
				return this.patchDeployment(command.workload, pinPatch(command, this.workload(command.workload)));
			case "RollWorkload":
				return this.patchDeployment(command.workload, rollPatch(command));
			case "ReleaseWorkload":
				return this.patchDeployment(command.workload, releasePatch(command));
			case "EvictPod":
				return this.evict(command);
			case "UpdateMigration":
				return this.updateMigration(command);
			case "DeleteMigration":
				return this.deleteMigration(command);
			case "RecordEvent":
				return this.recordEvent(command);
			case "RecordPolicyEvent":
				return this.recordPolicyEvent(command);
		}
	}

	private workload(key: WorkloadKey) {
		return this.options.state().workloads.get(key);
	}

	private async send(request: ApiRequest): Promise<undefined> {
		await this.options.connection.request(request);
	}

	private async patchDeployment(workload: WorkloadKey, body: object): Promise<undefined> {
		await this.send({ method: "PATCH", path: deploymentPath(workload), contentType: MERGE_PATCH, body });
	}

	/** The name follows from workload and version, so that a second try for the same reason conflicts. */
	private async createMigration({
		workload,
		to,
		reason,
	}: CommandOf<"CreateMigration">): Promise<CommandOutcome | undefined> {
		const deployment = this.workload(workload);
		if (!deployment) return "NotFound";
		const cause = [deployment.uid, deployment.resourceVersion, to].join("/");
		const suffix = createHash("sha256").update(cause).digest("hex").slice(0, 10);
		const body = newMigration({
			workload,
			to,
			reason,
			name: `${prefixOf(deployment.name)}-${suffix}`,
			automatic: true,
		});
		return this.send({ method: "POST", path: resourcePath("QoSMigration", deployment.namespace), body });
	}

	private async updateMigration({ migration, status }: CommandOf<"UpdateMigration">): Promise<undefined> {
		const { namespace, name, resourceVersion } = migration;
		await this.send({
			method: "PATCH",
			path: `${resourcePath("QoSMigration", namespace, name)}/status`,
			contentType: MERGE_PATCH,
			body: { metadata: { resourceVersion }, status: toMigrationStatus(migration, status, this.options.clock()) },
		});
	}

	private async deleteMigration({ migration }: CommandOf<"DeleteMigration">): Promise<undefined> {
		const { namespace, name, uid } = migration;
		await this.send({
			method: "DELETE",
			path: resourcePath("QoSMigration", namespace, name),
			body: { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } },
		});
	}

	private async evict({ namespace, name, uid }: CommandOf<"EvictPod">): Promise<undefined> {
		await this.send({
			method: "POST",
			path: `${objectPath("/api/v1", namespace, "pods", name)}/eviction`,
			body: {
				apiVersion: "policy/v1",
				kind: "Eviction",
				metadata: { namespace, name },
				deleteOptions: { preconditions: { uid } },
			},
			// 429 here is a disruption budget's no, and asking again at once does not change it.
			retry: false,
		});
	}

	private async recordEvent(event: CommandOf<"RecordEvent">): Promise<CommandOutcome | undefined> {
		const workload = this.workload(event.workload);
		if (!workload) return "NotFound";
		const { namespace, name, uid, resourceVersion } = workload;
		const regarding = { apiVersion: "apps/v1", kind: "Deployment", namespace, name, uid, resourceVersion };
		await this.events.record(event, regarding, this.options.clock());
		return undefined;
	}

	private async recordPolicyEvent(event: CommandOf<"RecordPolicyEvent">): Promise<undefined> {
		const regarding = { apiVersion: API_VERSION, kind: "QoSPolicy", ...event.policy };
		await this.events.record(event, regarding, this.options.clock());
	}
}

function outcomeOf(error: unknown): CommandOutcome {
	if (error instanceof ApiError && error.status === 409) return "Conflict";
	if (error instanceof ApiError && error.status === 404) return "NotFound";
	return { failed: error instanceof Error ? error.message : String(error) };
}
