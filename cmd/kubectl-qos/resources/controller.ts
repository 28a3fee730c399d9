import { z } from "zod";
import { type ApiClient, isMissing } from "../client/client.ts";
import { PluginError } from "../errors.ts";
import { formatAge } from "../output/age.ts";
import { version } from "../version.ts";
import { CONTROLLER_DEPLOYMENT } from "./names.ts";
import type { Read } from "./read.ts";

const LEASE_NAME = "kubectl-qos";

const leaseSchema = z.object({
	spec: z
		.object({
			holderIdentity: z.string().default(""),
			leaseDurationSeconds: z.number().default(15),
			renewTime: z.string().optional(),
		})
		.prefault({}),
});

/** Who leads, as the Lease says it. */
type Leader = z.output<typeof leaseSchema>["spec"];

/** The Lease, or the reason in words why it is not known. */
export type LeaderState = Read<Leader> | { readonly unknown: string };

/** Never throws for the Lease alone: whoever may not read it still wants to see the rest. */
export async function readLeader(client: ApiClient, namespace: string): Promise<LeaderState> {
	const path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases/${LEASE_NAME}`;
	try {
		const answer = await client.get(path);
		if (isMissing(answer)) {
			return {
				unknown: `<none>: no Lease "${LEASE_NAME}" in namespace "${namespace}"; is the controller installed there?`,
			};
		}
		return { value: leaseSchema.parse(answer).spec, object: answer };
	} catch (error) {
		if (error instanceof PluginError && error.code === "ServerRefused")
			return { unknown: `<unknown>: ${error.message}` };
		throw error;
	}
}

/** One line: who leads, and since when nobody does. */
export function describeLeader(state: LeaderState, now: number): string {
	if ("unknown" in state) return `Controller: ${state.unknown}`;
	const { holderIdentity, leaseDurationSeconds, renewTime } = state.value;
	const age = now - Date.parse(renewTime ?? "");
	if (holderIdentity === "") return "Controller: no leader; a replica takes over within seconds if one runs";
	if (!(age <= leaseDurationSeconds * 1000)) {
		return `Controller: no leader; ${holderIdentity} renewed its Lease ${formatAge(age)} ago; is it running?`;
	}
	return `Controller: ${holderIdentity} leads, renewed ${formatAge(age)} ago`;
}

const deploymentSchema = z.object({
	spec: z.object({
		template: z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string().default("") })) }) }),
	}),
});

/** A warning when the controller is older than the plugin; whoever may not look is not told. Never throws. */
export async function warningOfOlder(client: ApiClient, namespace: string): Promise<string | undefined> {
	const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments/${CONTROLLER_DEPLOYMENT}`;
	try {
		const answer = await client.get(path);
		if (isMissing(answer)) return undefined;
		const [container] = deploymentSchema.parse(answer).spec.template.spec.containers;
		const controller = versionOf(container?.image ?? "");
		if (!controller || !isOlder(controller, version())) return undefined;
		return `warning: the controller is v${controller}, older than this plugin (${version()}): what is new may be missing`;
	} catch {
		return undefined;
	}
}

/** The tag of an image, when it is a version. */
function versionOf(image: string): string | undefined {
	return /:v?(\d+\.\d+\.\d+)[^/]*$/.exec(image)?.[1];
}

export function isOlder(left: string, right: string): boolean {
	const [one, other] = [left, right].map((text) => text.replace(/^v/, "").split(/[.+-]/).map(Number));
	for (const index of [0, 1, 2]) {
		const difference = (one?.[index] ?? 0) - (other?.[index] ?? 0);
		if (difference !== 0) return difference < 0;
	}
	return false;
}
