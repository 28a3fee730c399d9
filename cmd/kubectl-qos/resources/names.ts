/** Where an install as shipped keeps its Lease; the namespace can be given by flag. */
export const CONTROLLER_NAMESPACE = "kubectl-qos-system";

/** The controller's Deployment of an install as shipped. */
export const CONTROLLER_DEPLOYMENT = "kubectl-qos-controller";

/** The Lease by which its replicas elect a leader. */
export const LEASE_NAME = "kubectl-qos";
