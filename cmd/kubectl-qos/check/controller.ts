import { formatAge } from "../output/age.ts";
import { hasExpired, readController, readLease } from "../resources/controller.ts";
import { CONTROLLER_DEPLOYMENT, LEASE_NAME } from "../resources/names.ts";
import { version as pluginVersion } from "../version.ts";
import { type Check, type Finding, failed, passed, type Subject, skipped, warning } from "./check.ts";

const CATEGORY = "controller";

async function runs({ client, controllerNamespace }: Subject): Promise<Finding> {
	const controller = await readController(client, controllerNamespace);
	const name = `deployment.apps/${CONTROLLER_DEPLOYMENT} in namespace ${controllerNamespace}`;
	if (!controller)
		return skipped(`no controller runs in namespace ${controllerNamespace}: it is elsewhere, or not installed`);
	const { availableReplicas, replicas } = controller;
	const count = `${availableReplicas} of ${replicas} replicas are available`;
	const mend = `kubectl describe pods -n ${controllerNamespace} -l app.kubernetes.io/component=controller`;
	if (availableReplicas === 0) return failed(`the controller does not run: ${count} (${name})`, mend);
	if (availableReplicas < replicas) return warning(`the controller runs short: ${count} (${name})`, mend);
	return passed(`the controller runs: ${count}`);
}

async function leads({ client, controllerNamespace, now }: Subject): Promise<Finding> {
	const lease = (await readLease(client, controllerNamespace))?.value;
	const mend = `see why no replica takes over: kubectl get pods -n ${controllerNamespace}; kubectl logs -n ${controllerNamespace} deploy/${CONTROLLER_DEPLOYMENT}`;
	if (!lease) {
		return failed(
			`no leader: there is no Lease "${LEASE_NAME}" in namespace "${controllerNamespace}"`,
			`start the controller ('kubectl qos install'), or name its namespace with --controller-namespace`,
		);
	}
	const { holderIdentity, renewTime } = lease;
	if (holderIdentity === "") return failed("no leader: the Lease is nobody's, so nothing is predicted or moved", mend);
	if (hasExpired(lease, now)) {
		const age = formatAge(now - Date.parse(renewTime));
		return failed(`no leader: ${holderIdentity} renewed its Lease ${age} ago`, mend);
	}
	return passed(`${holderIdentity} leads`);
}

/** The tag of an image without a digest: `0.1.0`. */
function tagOf(image: string): string | undefined {
	return /:([^/:@]+)(@.*)?$/.exec(image)?.[1];
}

async function versions({ client, controllerNamespace }: Subject): Promise<Finding> {
	const [lease, controller] = await Promise.all([
		readLease(client, controllerNamespace),
		readController(client, controllerNamespace),
	]);
	const told = { leader: lease?.value.version, image: controller?.image && tagOf(controller.image) };
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
