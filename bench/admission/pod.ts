/** A pod of a Deployment as its ReplicaSet would create it, as large as common ones are. */
export function benchPod(deployment: string) {
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
	return {
		kind: "Pod",
		apiVersion: "v1",
		metadata: {
			generateName: `${deployment}-6f7c9d5b4-`,
			labels: { app: deployment, "pod-template-hash": "6f7c9d5b4" },
			ownerReferences: [
				{ apiVersion: "apps/v1", kind: "ReplicaSet", name: `${deployment}-6f7c9d5b4`, uid: "rs", controller: true },
			],
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
	};
}
