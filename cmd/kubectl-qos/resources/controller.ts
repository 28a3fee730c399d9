import { z } from "zod";
import { VERSION_ANNOTATION } from "../../../src/api/v1alpha1/group.ts";
import { type ApiClient, isMissing } from "../client/client.ts";
import { PluginError } from "../errors.ts";
import { formatAge } from "../output/age.ts";
import { version } from "../version.ts";
import { CONTROLLER_DEPLOYMENT, LEASE_NAME } from "./names.ts";
import type { Read } from "./read.ts";

const leaseSchema = z
	.object({
		metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
		spec: z
			.object({
				holderIdentity: z.string().default(""),
				leaseDurationSeconds: z.number().default(15),
				renewTime: z.string().default(""),
			})
			.prefault({}),
	})
	.transform(({ metadata, spec }) => ({ ...spec, version: metadata.annotations[VERSION_ANNOTATION] }));

/** Who leads, as the Lease says it; `version` is the leader's, `v1.2.3`. */
type Lease = z.output<typeof leaseSchema>;

/** The controller's Lease; `undefined`: there is none. @throws PluginError */
export async function readLease(client: ApiClient, namespace: string): Promise<Read<Lease> | undefined> {
	const path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases/${LEASE_NAME}`;
	const answer = await client.get(path);
	return isMissing(answer) ? undefined : { value: leaseSchema.parse(answer), object: answer };
}

/** Whether a Lease that somebody holds was not renewed in time. `now` in ms. */
export function hasExpired({ renewTime, leaseDurationSeconds }: Lease, now: number): boolean {
	// Not `>`: an unreadable time is NaN and must count as expired.
	return !(now - Date.parse(renewTime) <= leaseDurationSeconds * 1000);
}

/** The Lease, or the reason in words why it is not known. */
export type LeaderState = Read<Lease> | { readonly unknown: string };

/** Never throws for the Lease alone: whoever may not read it still wants to see the rest. */
export async function readLeader(client: ApiClient, namespace: string): Promise<LeaderState> {
	try {
		const unknown = `<none>: no Lease "${LEASE_NAME}" in namespace "${namespace}"; is the controller installed there?`;
		return (await readLease(client, namespace)) ?? { unknown };
	} catch (error) {
		if (error instanceof PluginError && error.code === "ServerRefused")
			return { unknown: `<unknown>: ${error.message}` };
		throw error;
	}
}

/** One line: who leads, and since when nobody does. */
export function describeLeader(state: LeaderState, now: number): string {
	if ("unknown" in state) return `Controller: ${state.unknown}`;
	const { holderIdentity, renewTime } = state.value;
	const age = now - Date.parse(renewTime);
	if (holderIdentity === "") return "Controller: no leader; a replica takes over within seconds if one runs";
	if (hasExpired(state.value, now)) {
		return `Controller: no leader; ${holderIdentity} renewed its Lease ${formatAge(age)} ago; is it running?`;
	}
	return `Controller: ${holderIdentity} leads, renewed ${formatAge(age)} ago`;
}

const deploymentSchema = z
	.object({
		spec: z.object({
			replicas: z.number().default(1),
			template: z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string().default("") })) }) }),
		}),
		status: z.object({ readyReplicas: z.number().default(0), availableReplicas: z.number().default(0) }).prefault({}),
	})
	.transform(({ spec, status }) => ({
		replicas: spec.replicas,
		image: spec.template.spec.containers[0]?.image || undefined,
		...status,
	}));

/** The controller's Deployment; `undefined`: there is none. @throws PluginError */
export async function readController(
	client: ApiClient,
	namespace: string,
): Promise<z.output<typeof deploymentSchema> | undefined> {
	const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments/${CONTROLLER_DEPLOYMENT}`;
	const answer = await client.get(path);
	return isMissing(answer) ? undefined : deploymentSchema.parse(answer);
}

/** A warning when the controller is older than the plugin; whoever may not look is not told. Never throws. */
export async function warningOfOlder(client: ApiClient, namespace: string): Promise<string | undefined> {
	try {
		const controller = versionOf((await readController(client, namespace))?.image ?? "");
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
