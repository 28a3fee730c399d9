import type { ApiClient, Missing, Query } from "./client.ts";

/** Changes an object and returns it as the server stored it. @throws PluginError */
export function mergePatch(
	client: ApiClient,
	path: string,
	body: object,
	query: Query = {},
): Promise<object | Missing> {
	const headers = { "Content-Type": "application/merge-patch+json" };
	return client.send("PATCH", path, { query, headers, body: JSON.stringify(body) });
}

/** How an object is deleted; with a body the server does not look at the query. */
interface DeleteOptions {
	readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
	readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
	readonly dryRun?: boolean;
}

/** Deletes an object. @throws PluginError */
export function remove(
	client: ApiClient,
	path: string,
	{ dryRun = false, ...options }: DeleteOptions = {},
): Promise<object | Missing> {
	const body = { apiVersion: "v1", kind: "DeleteOptions", ...options, ...(dryRun && { dryRun: ["All"] }) };
	return client.send("DELETE", path, { body: JSON.stringify(body) });
}

/** Applies an object as this plugin's, server-side; JSON is YAML. @throws PluginError */
export function serverSideApply(
	client: ApiClient,
	path: string,
	body: object,
	query: Query,
): Promise<object | Missing> {
	const headers = { "Content-Type": "application/apply-patch+yaml" };
	return client.send("PATCH", path, {
		query: { fieldManager: "kubectl-qos", ...query },
		headers,
		body: JSON.stringify(body),
	});
}
