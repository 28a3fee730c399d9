import { z } from "zod";
import { resourcePath } from "../../api/v1alpha1/group.ts";
import type { PolicyCondition } from "../../core/policy/condition.ts";
import type { Policy } from "../../core/policy/policy.ts";
import { type KubernetesConnection, MERGE_PATCH } from "./connection.ts";
import { ApiError } from "./errors.ts";
import type { Log } from "./log.ts";

const storedSchema = z.object({
	status: z
		.object({
			conditions: z
				.array(
					z.object({
						type: z.string(),
						status: z.string(),
						reason: z.string(),
						message: z.string(),
						lastTransitionTime: z.string(),
						observedGeneration: z.number().optional(),
					}),
				)
				.default([]),
		})
		.prefault({}),
});

type StoredCondition = z.output<typeof storedSchema>["status"]["conditions"][number];

export interface PolicyStatusWriterOptions {
	readonly connection: KubernetesConnection;
	/** ms since the epoch. */
	readonly clock: () => number;
	readonly log: Log;
}

/** Writes the conditions of QoSPolicies, only when they change. */
export class PolicyStatusWriter {
	private readonly options: PolicyStatusWriterOptions;
	/** What the API server holds, by `namespace/name`. */
	private readonly stored = new Map<string, readonly StoredCondition[]>();
	/** Why a policy is not in force, as it was logged, by `namespace/name`. */
	private readonly problems = new Map<string, string>();

	constructor(options: PolicyStatusWriterOptions) {
		this.options = options;
	}

	/** Makes `conditions` the policy's conditions. Never rejects; a failure is logged and tried again next time. */
	async write(
		policy: Pick<Policy, "namespace" | "name" | "generation">,
		conditions: readonly PolicyCondition[],
	): Promise<void> {
		const key = `${policy.namespace}/${policy.name}`;
		this.tell(key, conditions);
		try {
			const before = this.stored.get(key) ?? (await this.read(policy));
			const after = conditions.map((condition) => this.dated(condition, before, policy.generation));
			if (JSON.stringify(before) !== JSON.stringify(after)) await this.patch(policy, after);
			this.stored.set(key, after);
		} catch (error) {
			this.stored.delete(key);
			if (error instanceof ApiError && error.status === 404) return;
			const message = error instanceof Error ? error.message : String(error);
			this.options.log.warn({ policy: key, error: message }, "policy status not written");
		}
	}

	/** Logs once when a policy is out of force, and once when it is not any more. */
	private tell(policy: string, conditions: readonly PolicyCondition[]): void {
		const ready = conditions.find(({ type }) => type === "Ready");
		const problem = ready?.status === "False" ? `${ready.reason}: ${ready.message}` : undefined;
		if (problem === this.problems.get(policy)) return;
		if (problem === undefined) {
			this.problems.delete(policy);
			this.options.log.info({ policy }, "policy is in force again");
		} else {
			this.problems.set(policy, problem);
			this.options.log.warn({ policy, reason: ready?.reason, problem: ready?.message }, "policy is not in force");
		}
	}

	private dated(
		{ type, status, reason, message }: PolicyCondition,
		before: readonly StoredCondition[],
		observedGeneration: number,
	): StoredCondition {
		const earlier = before.find((condition) => condition.type === type && condition.status === status);
		const lastTransitionTime = earlier?.lastTransitionTime ?? new Date(this.options.clock()).toISOString();
		return { type, status, reason, message, lastTransitionTime, observedGeneration };
	}

	private async read({ namespace, name }: Pick<Policy, "namespace" | "name">): Promise<readonly StoredCondition[]> {
		const answer = await this.options.connection.request({ path: resourcePath("QoSPolicy", namespace, name) });
		return storedSchema.parse(answer).status.conditions;
	}

	private async patch(
		{ namespace, name, generation }: Pick<Policy, "namespace" | "name" | "generation">,
		conditions: readonly StoredCondition[],
	): Promise<void> {
		await this.options.connection.request({
			method: "PATCH",
			path: `${resourcePath("QoSPolicy", namespace, name)}/status`,
			contentType: MERGE_PATCH,
			body: { status: { observedGeneration: generation, conditions } },
		});
	}
}
