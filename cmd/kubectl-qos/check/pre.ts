import { z } from "zod";
import { readController } from "../resources/controller.ts";
import { type Check, type Finding, failed, passed, type Subject, warning } from "./check.ts";
import { denied, type Permission } from "./permissions.ts";

const CATEGORY = "before installing";
/** The first minor version whose API server stamps who asks for a migration. */
const NEEDED_MINOR = 36;
/** The first one that can refuse migrations by admission policies. */
const OLDEST_MINOR = 30;

async function serverVersion({ client }: Subject): Promise<Finding> {
	const answer = z.object({ gitVersion: z.string(), minor: z.string() }).parse(await client.get("/version"));
	const minor = Number.parseInt(answer.minor, 10);
	if (minor >= NEEDED_MINOR) return passed(`the API server is ${answer.gitVersion}`);
	if (minor >= OLDEST_MINOR) {
		return warning(
			`the API server is ${answer.gitVersion}: without MutatingAdmissionPolicies nobody stamps who asked for a migration`,
			`use Kubernetes 1.${NEEDED_MINOR} or later, or do without spec.requestedBy`,
		);
	}
	return failed(
		`the API server is ${answer.gitVersion}: it has no ValidatingAdmissionPolicies`,
		`use Kubernetes 1.${OLDEST_MINOR} or later`,
	);
}

const KINDS = [
	["", "namespaces"],
	["apiextensions.k8s.io", "customresourcedefinitions"],
	["rbac.authorization.k8s.io", "clusterroles"],
	["rbac.authorization.k8s.io", "clusterrolebindings"],
	["admissionregistration.k8s.io", "mutatingwebhookconfigurations"],
	["admissionregistration.k8s.io", "validatingadmissionpolicies"],
	["admissionregistration.k8s.io", "validatingadmissionpolicybindings"],
	["apps", "deployments"],
] as const;

async function mayInstall({ client, controllerNamespace }: Subject): Promise<Finding> {
	const needed = KINDS.map(
		([group, resource]): Permission => ({
			verb: "create",
			group,
			resource,
			...(group === "apps" && { namespace: controllerNamespace }),
		}),
	);
	const missing = await denied(client, needed);
	if (missing.length === 0) return passed("you may create what an install needs");
	return failed(`you may not ${missing.join(", ")}`, "have a cluster admin install it");
}

async function notThere({ client, controllerNamespace }: Subject): Promise<Finding> {
	if (!(await readController(client, controllerNamespace)))
		return passed(`no controller runs in namespace ${controllerNamespace} yet`);
	return passed(
		`a controller is installed in namespace ${controllerNamespace}: 'kubectl qos install' brings it to this version`,
	);
}

export const PRE_CHECKS: readonly Check[] = [
	{ code: "QOS101", category: CATEGORY, look: serverVersion },
	{ code: "QOS102", category: CATEGORY, look: mayInstall },
	{ code: "QOS103", category: CATEGORY, look: notThere },
];
