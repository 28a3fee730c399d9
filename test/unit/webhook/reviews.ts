/** An AdmissionReview as the API server sends it, with another request where given. */
export function review(request: Readonly<Record<string, unknown>> = {}) {
	return {
		apiVersion: "admission.k8s.io/v1",
		kind: "AdmissionReview",
		request: {
			uid: "review-1",
			kind: { group: "", version: "v1", kind: "Pod" },
			resource: { group: "", version: "v1", resource: "pods" },
			requestKind: { group: "", version: "v1", kind: "Pod" },
			namespace: "shop",
			operation: "CREATE",
			userInfo: { username: "system:serviceaccount:kube-system:replicaset-controller" },
			object: { apiVersion: "v1", kind: "Pod", metadata: { generateName: "cart-" }, spec: { containers: [] } },
			oldObject: null,
			dryRun: false,
			options: { apiVersion: "meta.k8s.io/v1", kind: "CreateOptions" },
			...request,
		},
	};
}
