import { benchPod } from "./pod.ts";

/** AdmissionReview of a pod of a Deployment, as large as common ones: about 4.4 kB. */
export function benchReview(uid: string, deployment: string): string {
	const pod = benchPod(deployment);
	const managedFields = [{ manager: "kube-controller-manager", operation: "Update", fieldsV1: fieldsOf(24) }];
	const object = { ...pod, metadata: { ...pod.metadata, namespace: "bench", managedFields }, status: {} };
	return JSON.stringify({
		kind: "AdmissionReview",
		apiVersion: "admission.k8s.io/v1",
		request: {
			uid,
			kind: { group: "", version: "v1", kind: "Pod" },
			resource: { group: "", version: "v1", resource: "pods" },
			namespace: "bench",
			operation: "CREATE",
			userInfo: { username: "system:serviceaccount:kube-system:replicaset-controller" },
			object,
			oldObject: null,
			dryRun: false,
		},
	});
}

function fieldsOf(count: number) {
	return Object.fromEntries(
		Array.from({ length: count }, (_, index) => [`f:setting${index}`, { ".": {}, "f:value": {} }]),
	);
}
