import { API_VERSION, GROUP, RESOURCES, resourcePath } from "../../../src/api/v1alpha1/group.ts";
import { parseJob } from "../../../src/api/v1alpha1/job.ts";
import type { Job } from "../../../src/core/job/job.ts";
import { type ApiClient, isMissing } from "../client/client.ts";
import { customResourcesAbsent, notFound, PluginError } from "../errors.ts";
import { CONTROLLER_NAMESPACE } from "../resources/names.ts";
import { type Collection, collect, type Read, unwrap } from "../resources/read.ts";

const RESOURCE = `${RESOURCES.QoSJob}.${GROUP}`;

/** Where to look for the jobs that ship, which act on the policies of all namespaces. */
export function elsewhere(namespace: string): string | undefined {
	if (namespace === CONTROLLER_NAMESPACE) return undefined;
	return `hint: what acts on the policies of all namespaces is in the controller's: add -n ${CONTROLLER_NAMESPACE}`;
}

/** The error for a QoSJob that is not there, or a server that knows none. */
export function noJob(missing: "Object" | "Path", namespace: string, name: string): PluginError {
	if (missing === "Path") return customResourcesAbsent(RESOURCE);
	const error = notFound(RESOURCE, name);
	const hint = elsewhere(namespace);
	return hint === undefined ? error : new PluginError("NotFound", `${error.message}\n${hint}`);
}

/** One QoSJob. @throws PluginError */
export async function readJob(client: ApiClient, namespace: string, name: string): Promise<Read<Job>> {
	const answer = await client.get(resourcePath("QoSJob", namespace, name));
	if (isMissing(answer)) throw noJob(answer.missing, namespace, name);
	return { value: unwrap(parseJob(answer)), object: answer };
}

/** QoSJobs of a namespace, or of all. @throws PluginError */
export async function readJobs(
	client: ApiClient,
	namespace: string | undefined,
	labelSelector: string | undefined,
): Promise<Collection<Job>> {
	const answer = await client.list(resourcePath("QoSJob", namespace), { labelSelector });
	if (isMissing(answer)) throw customResourcesAbsent(RESOURCE);
	return collect(answer, parseJob);
}

/** A QoSJob to create. */
export interface NewJob {
	readonly name: string;
	readonly action: Job["action"];
	readonly interval?: string | undefined;
	readonly at?: string | undefined;
	readonly cron?: string | undefined;
	readonly timezone?: string | undefined;
	readonly policySelector?: unknown;
}

/** A QoSJob object to create. */
export function newJob({ name, ...spec }: NewJob, namespace: string) {
	const given = Object.entries(spec).filter(([, value]) => value !== undefined);
	return { apiVersion: API_VERSION, kind: "QoSJob", metadata: { name, namespace }, spec: Object.fromEntries(given) };
}

/** Creates a QoSJob and returns it as stored. @throws PluginError */
export async function createJob(client: ApiClient, namespace: string, body: object, dryRun: boolean): Promise<object> {
	const answer = await client.create(resourcePath("QoSJob", namespace), body, dryRun ? { dryRun: "All" } : {});
	if (!isMissing(answer)) return answer;
	throw answer.missing === "Path" ? customResourcesAbsent(RESOURCE) : notFound("namespaces", namespace);
}
