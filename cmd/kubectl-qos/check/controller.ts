import { z } from "zod";
import { VERSION_ANNOTATION } from "../../../src/api/v1alpha1/group.ts";
import { isMissing } from "../client/client.ts";
import { formatAge } from "../output/age.ts";
import { version as pluginVersion } from "../version.ts";
import { type Check, type Finding, failed, passed, type Subject, skipped, warning } from "./check.ts";

const CATEGORY = "controller";

const deploymentSchema = z.object({
	spec: z.object({
		replicas: z.number().default(1),
		template: z.object({ spec: z.object({ containers: z.array(z.object({ name: z.string(), image: z.string() })) }) }),
	}),
	status: z.object({ availableReplicas: z.number().default(0) }).prefault({}),
});

async function readDeployment({ client, controllerNamespace }: Subject) {
	const path = `/apis/apps/v1/namespaces/${encodeURIComponent(controllerNamespace)}/deployments/kubectl-qos-controller`;
	const answer = await client.get(path);
	return isMissing(answer) ? undefined : deploymentSchema.parse(answer);
}

async function runs(subject: Subject): Promise<Finding> {
	const deployment = await readDeployment(subject);
	const name = `deployment.apps/kubectl-qos-controller in namespace ${subject.controllerNamespace}`;
	if (!deployment)
		return skipped(`no controller runs in namespace ${subject.controllerNamespace}: it is elsewhere, or not installed`);
	const { spec, status } = deployment;
	const count = `${status.availableReplicas} of ${spec.replicas} replicas are available`;
	const mend = `kubectl describe pods -n ${subject.controllerNamespace} -l app.kubernetes.io/component=controller`;
	if (status.availableReplicas === 0) return failed(`the controller does not run: ${count} (${name})`, mend);
	if (status.availableReplicas < spec.replicas) return warning(`the controller runs short: ${count} (${name})`, mend);
	return passed(`the controller runs: ${count}`);
}

const leaseSchema = z.object({
	metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
	spec: z
		.object({
			holderIdentity: z.string().default(""),
			leaseDurationSeconds: z.number().default(15),
			renewTime: z.string().default(""),
		})
		.prefault({}),
});

async function readLease({ client, controllerNamespace }: Subject) {
	const path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(controllerNamespace)}/leases/kubectl-qos`;
	const answer = await client.get(path);
	return isMissing(answer) ? undefined : leaseSchema.parse(answer);
}

async function leads(subject: Subject): Promise<Finding> {
	const lease = await readLease(subject);
	const mend = `see why no replica takes over: kubectl get pods -n ${subject.controllerNamespace}; kubectl logs -n ${subject.controllerNamespace} deploy/kubectl-qos-controller`;
	if (!lease) {
		return failed(
			`no leader: there is no Lease "kubectl-qos" in namespace "${subject.controllerNamespace}"`,
			`start the controller ('kubectl qos install'), or name its namespace with --controller-namespace`,
		);
	}
	const { holderIdentity, leaseDurationSeconds, renewTime } = lease.spec;
	if (holderIdentity === "") return failed("no leader: the Lease is nobody's, so nothing is predicted or moved", mend);
	const age = subject.now - Date.parse(renewTime);
	// Not `>`: an unreadable time is NaN and must count as expired.
	if (!(age <= leaseDurationSeconds * 1000)) {
		return failed(`no leader: ${holderIdentity} renewed its Lease ${formatAge(age)} ago`, mend);
	}
	return passed(`${holderIdentity} leads`);
}

/** The tag of an image without a digest: `0.1.0`. */
function tagOf(image: string): string | undefined {
	return /:([^/:@]+)(@.*)?$/.exec(image)?.[1];
}

async function versions(subject: Subject): Promise<Finding> {
	const [lease, deployment] = await Promise.all([readLease(subject), readDeployment(subject)]);
	const image = deployment?.spec.template.spec.containers.find(({ name }) => name === "controller")?.image;
	const told = { leader: lease?.metadata.annotations[VERSION_ANNOTATION], image: image && tagOf(image) };
	const known = Object.entries(told).filter((entry): entry is [string, string] => entry[1] !== undefined);
	if (known.length === 0) return skipped("the controller's version is not known");
	const own = pluginVersion();
	const other = known.find(([, version]) => release(version) !== release(own));
	if (!other) return passed(`plugin and controller have version ${own}`);
	const [where, version] = other;
	return warning(
		`versions differ: plugin ${own}, controller ${version} (by its ${where === "image" ? "image" : "Lease"})`,
		"install the same version of both: 'kubectl krew upgrade qos', 'kubectl qos install'",
	);
}

/** Patch releases fit together: `v0.1.3` -> `0.1`. */
function release(version: string): string {
	return version.replace(/^v/, "").split(".").slice(0, 2).join(".");
}

export const CONTROLLER_CHECKS: readonly Check[] = [
	{ code: "QOS008", category: CATEGORY, look: runs },
	{ code: "QOS009", category: CATEGORY, look: leads },
	{ code: "QOS010", category: CATEGORY, look: versions },
];
