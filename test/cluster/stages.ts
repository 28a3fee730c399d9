import { stringify } from "yaml";

/** kwok plays the kubelet of nodes that carry this label with the value "running". */
export const KUBELET_LABEL = "test.kubectl-qos.dev/kubelet";
/** On a pod: its own start-up time as a Go duration ("5s"), instead of the cluster's. */
export const STARTUP_ANNOTATION = "test.kubectl-qos.dev/startup";

export interface StageTimes {
	readonly startupSeconds: number;
	readonly stopSeconds: number;
}

interface Requirement {
	readonly key: string;
	readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
	readonly values?: readonly string[];
}

const READY_STATUS = '.status.conditions.[] | select( .type == "Ready" ) | .status';
const ALIVE: Requirement = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };

/** What kwok does with nodes and pods, as its Stage objects in one YAML text. */
export function kwokStages(times: StageTimes): string {
	return [nodeReady(), podStarted(times.startupSeconds), podReadyAgain(), podStopped(times.stopSeconds)]
		.map((document) => stringify(document))
		.join("---\n");
}

function stage(name: string, kind: "Node" | "Pod", spec: Readonly<Record<string, unknown>>): object {
	return {
		apiVersion: "kwok.x-k8s.io/v1alpha1",
		kind: "Stage",
		metadata: { name },
		spec: { resourceRef: { apiGroup: "v1", kind }, ...spec },
	};
}

/** A node that is not Ready registers as a starting kubelet does. Its capacity stays as it was created. */
function nodeReady(): object {
	return stage("node-ready", "Node", {
		selector: { matchExpressions: [{ key: READY_STATUS, operator: "NotIn", values: ["True"] }] },
		next: {
			statusTemplate: `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
addresses:
- type: InternalIP
  address: 127.0.0.1
- type: Hostname
  address: {{ .metadata.name | Quote }}
nodeInfo:
  architecture: amd64
  bootID: ""
  containerRuntimeVersion: kwok
  kernelVersion: kwok
  kubeProxyVersion: kwok
  kubeletVersion: kwok
  machineID: ""
  operatingSystem: linux
  osImage: kwok
  systemUUID: ""
phase: Running
`,
		},
	});
}

/** Image pull, start and readiness in one delay, after which all containers are ready. */
function podStarted(startupSeconds: number): object {
	return stage("pod-started", "Pod", {
		selector: { matchExpressions: [ALIVE, { key: ".status.phase", operator: "In", values: ["Pending"] }] },
		delay: {
			durationMilliseconds: Math.round(startupSeconds * 1000),
			durationFrom: { expressionFrom: `.metadata.annotations["${STARTUP_ANNOTATION}"]` },
		},
		next: {
			statusTemplate: `
{{ $now := Now }}
phase: Running
startTime: {{ .metadata.creationTimestamp | Quote }}
conditions:
{{ range $type := list "Initialized" "PodReadyToStartContainers" "ContainersReady" "Ready" }}
- type: {{ $type }}
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: true
  started: true
  restartCount: 0
  state:
    running:
      startedAt: {{ $now | Quote }}
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: true
  restartCount: 0
  state:
    {{ if eq .restartPolicy "Always" }}
    running:
      startedAt: {{ $now | Quote }}
    {{ else }}
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
    {{ end }}
{{ end }}
{{ with NodeIPWith .spec.nodeName }}
hostIP: {{ . | Quote }}
{{ end }}
{{ with PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ . | Quote }}
podIPs:
- ip: {{ . | Quote }}
{{ end }}
`,
		},
	});
}

/** The node controller marks the pods of a dead node not ready; a kubelet that comes back corrects that. */
function podReadyAgain(): object {
	return stage("pod-ready-again", "Pod", {
		selector: {
			matchExpressions: [
				ALIVE,
				{ key: ".status.phase", operator: "In", values: ["Running"] },
				{ key: READY_STATUS, operator: "NotIn", values: ["True"] },
			],
		},
		next: {
			statusTemplate: `
conditions:
- type: Ready
  status: "True"
  lastTransitionTime: {{ Now | Quote }}
`,
		},
	});
}

function podStopped(stopSeconds: number): object {
	return stage("pod-stopped", "Pod", {
		selector: { matchExpressions: [{ key: ".metadata.deletionTimestamp", operator: "Exists" }] },
		delay: { durationMilliseconds: Math.round(stopSeconds * 1000) },
		next: { delete: true },
	});
}
