/** AdmissionReview of a pod of a Deployment, as large as common ones: about 4.4 kB. */
export function benchReview(uid: string, deployment: string): string {
	const labels = { app: deployment, "pod-template-hash": "6f7c9d5b4" };
	const probe = { httpGet: { path: "/healthz", port: 8080, scheme: "HTTP" }, timeoutSeconds: 1, periodSeconds: 10 };
	const container = {
		name: "main",
		image: "registry.example.com/bench/app:1.2.3",
		ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
		env: Array.from({ length: 20 }, (_, index) => ({
			name: `SETTING_${index}`,
			value: `some value of setting ${index}`,
		})),
		resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
		volumeMounts: [{ name: "token", readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }],
		livenessProbe: probe,
		readinessProbe: probe,
		imagePullPolicy: "IfNotPresent",
		terminationMessagePath: "/dev/termination-log",
	};
	const managedFields = [{ manager: "kube-controller-manager", operation: "Update", fieldsV1: fieldsOf(24) }];
	const object = {
		kind: "Pod",
		apiVersion: "v1",
		metadata: {
			generateName: `${deployment}-6f7c9d5b4-`,
			namespace: "bench",
			labels,
			ownerReferences: [
				{ apiVersion: "apps/v1", kind: "ReplicaSet", name: `${deployment}-6f7c9d5b4`, uid: "rs", controller: true },
			],
			managedFields,
		},
		spec: {
			volumes: [{ name: "token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }],
			containers: [container],
			restartPolicy: "Always",
			serviceAccountName: "default",
			schedulerName: "default-scheduler",
			tolerations: ["not-ready", "unreachable"].map((taint) => ({
				key: `node.kubernetes.io/${taint}`,
				operator: "Exists",
				effect: "NoExecute",
				tolerationSeconds: 300,
			})),
		},
		status: {},
	};
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
