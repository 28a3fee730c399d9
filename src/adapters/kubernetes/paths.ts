/** Path of one namespaced object of the API server's own kinds; parts are encoded. */
export function objectPath(api: string, namespace: string, resource: string, name?: string): string {
	const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
	return `${api}/namespaces/${encodeURIComponent(namespace)}/${resource}${object}`;
}

export function deploymentPath(workload: string): string {
	const [namespace = "", name = ""] = workload.split("/");
	return objectPath("/apis/apps/v1", namespace, "deployments", name);
}
