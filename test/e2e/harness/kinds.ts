/** Objects as the API server shows them, as far as the stories look at them. */

export interface Metadata {
	readonly name: string;
	readonly namespace?: string;
	readonly uid: string;
	readonly resourceVersion: string;
	readonly generation?: number;
	readonly creationTimestamp: string;
	readonly deletionTimestamp?: string;
	readonly labels?: Readonly<Record<string, string>>;
	readonly annotations?: Readonly<Record<string, string>>;
}

export interface Condition {
	readonly type: string;
	readonly status: string;
	readonly reason?: string;
	readonly message?: string;
}

interface NodeTerm {
	readonly matchExpressions?: readonly {
		readonly key: string;
		readonly operator: string;
		readonly values?: string[];
	}[];
}

export interface PodSpec {
	readonly nodeName?: string;
	readonly nodeSelector?: Readonly<Record<string, string>>;
	readonly affinity?: {
		readonly nodeAffinity?: {
			readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
				readonly weight: number;
				readonly preference: NodeTerm;
			}[];
		};
	};
	readonly schedulingGates?: readonly { readonly name: string }[];
}

export interface PodObject {
	readonly metadata: Metadata;
	readonly spec: PodSpec;
	readonly status?: {
		readonly phase?: string;
		readonly podIP?: string;
		readonly conditions?: readonly Condition[];
		readonly containerStatuses?: readonly { readonly restartCount: number }[];
	};
}

export interface DeploymentObject {
	readonly metadata: Metadata;
	readonly spec: {
		readonly replicas: number;
		readonly template: { readonly metadata: Partial<Metadata>; readonly spec: PodSpec };
	};
	readonly status?: {
		readonly replicas?: number;
		readonly availableReplicas?: number;
		readonly updatedReplicas?: number;
		readonly observedGeneration?: number;
	};
}

export interface ReplicaSetObject {
	readonly metadata: Metadata;
	readonly spec: { readonly replicas: number };
}

interface Predicted {
	readonly value: number;
	readonly lower: number;
	readonly upper: number;
}

export interface MigrationObject {
	readonly metadata: Metadata;
	readonly spec: { readonly workload: string; readonly to?: string; readonly requestedBy?: string };
	readonly status?: {
		readonly phase?: string;
		readonly from?: string;
		readonly to?: string;
		readonly promised?: Predicted;
		readonly measuredBefore?: number;
		readonly measured?: number;
		readonly startedAt?: string;
		readonly rolledOutAt?: string;
		readonly completedAt?: string;
		readonly conditions?: readonly Condition[];
	};
}

export interface ReportObject {
	readonly metadata: Metadata;
	readonly status?: {
		readonly observedAt: string;
		readonly modelRef?: { readonly name: string; readonly version: string; readonly sha256: string };
		readonly current: {
			readonly node?: string;
			readonly measured?: number;
			readonly measuredUnknown?: string;
			readonly predicted?: Predicted;
		};
		readonly recommended?: { readonly node: string; readonly gain?: number };
		readonly decision: { readonly action: string; readonly reason: string; readonly message: string };
		readonly nodes?: readonly {
			readonly name: string;
			readonly feasible: boolean;
			readonly reason?: string;
			readonly predicted?: Predicted;
			readonly rank?: number;
		}[];
	};
}

export interface PolicyObject {
	readonly metadata: Metadata;
	readonly status?: { readonly conditions?: readonly Condition[] };
}

export interface JobObject {
	readonly metadata: Metadata;
	readonly status?: {
		readonly lastRun?: {
			readonly startedAt: string;
			readonly duration?: string;
			readonly result?: string;
			readonly message?: string;
		};
		readonly nextRun?: string;
	};
}

export interface EventObject {
	readonly metadata: Metadata;
	readonly reason: string;
	readonly note?: string;
	readonly regarding?: { readonly kind: string; readonly name: string };
}

export interface SecretObject {
	readonly metadata: Metadata;
	readonly data?: Readonly<Record<string, string>>;
}

export interface LeaseObject {
	readonly metadata: Metadata;
	readonly spec: { readonly holderIdentity?: string; readonly leaseTransitions?: number };
}

export interface WebhookConfigurationObject {
	readonly metadata: Metadata;
	readonly webhooks: readonly { readonly clientConfig: { readonly url?: string; readonly caBundle?: string } }[];
}

export interface Objects {
	readonly Pod: PodObject;
	readonly Deployment: DeploymentObject;
	readonly ReplicaSet: ReplicaSetObject;
	readonly Secret: SecretObject;
	readonly Lease: LeaseObject;
	readonly Event: EventObject;
	readonly QoSMigration: MigrationObject;
	readonly QoSReport: ReportObject;
	readonly QoSPolicy: PolicyObject;
	readonly QoSJob: JobObject;
	readonly MutatingWebhookConfiguration: WebhookConfigurationObject;
}

export type Kind = keyof Objects;
