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

/** Deletes an object; `options` is a DeleteOptions, such as preconditions. @throws PluginError */
export function remove(
	client: ApiClient,
	path: string,
	options: object = {},
	query: Query = {},
): Promise<object | Missing> {
	const body = { apiVersion: "v1", kind: "DeleteOptions", ...options };
	return client.send("DELETE", path, { query, body: JSON.stringify(body) });
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
