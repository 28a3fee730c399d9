export const GROUP = "kubectl-qos.dev";
const VERSION = "v1alpha1";
export const API_VERSION = `${GROUP}/${VERSION}`;

/** Plural resource name of each kind of the group. */
export const RESOURCES = {
	QoSPolicy: "qospolicies",
	QoSReport: "qosreports",
	QoSMigration: "qosmigrations",
	QoSJob: "qosjobs",
} as const;

export type Kind = keyof typeof RESOURCES;

/**
 * Set to "true" on the QoSMigrations that the controller makes. Creating one needs `create` on the
 * virtual subresource `qosmigrations/automatic`, so nobody else can claim it.
 */
export const AUTOMATIC_LABEL = `${GROUP}/automatic`;

/** Annotation of a pod in a dry run: "true" asks the webhook to say that it was reached, in a warning. */
export const PROBE_ANNOTATION = `${GROUP}/probe`;

/** Annotation of the controller's Lease: the version of the replica that leads, `v1.2.3`. */
export const VERSION_ANNOTATION = `${GROUP}/version`;

/** Annotation of a QoSMigration: "true" asks to stop it, and to undo what of it was done. */
export const CANCEL_ANNOTATION = `${GROUP}/cancel`;

/** Annotation of a QoSMigration: who asked for that; stamped at admission. */
export const CANCELLED_BY_ANNOTATION = `${GROUP}/cancelled-by`;

/** Annotation of a QoSJob: the name that the agent's API added it under, which may have capitals and underscores. */
export const SENSOR_ANNOTATION = `${GROUP}/sensor`;

/** Label of a QoSMigration: the Deployment it moves, for selecting. Absent when longer than a label may be. */
export const WORKLOAD_LABEL = `${GROUP}/workload`;

/**
 * Path of a collection or of one object below the API server's address:
 * `/apis/kubectl-qos.dev/v1alpha1/namespaces/NAMESPACE/RESOURCE/NAME`. Without a namespace: all of them.
 */
export function resourcePath(kind: Kind, namespace?: string, name?: string): string {
	const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
	const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
	return `/apis/${API_VERSION}${scope}/${RESOURCES[kind]}${object}`;
}
