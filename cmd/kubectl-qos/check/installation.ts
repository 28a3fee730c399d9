import { z } from "zod";
import { GROUP, RESOURCES, resourcePath } from "../../../src/api/v1alpha1/group.ts";
import { isMissing } from "../client/client.ts";
import { PluginError } from "../errors.ts";
import { type Check, type Finding, failed, passed, type Subject } from "./check.ts";
import { controllerPermissions, denied, type Permission } from "./permissions.ts";

const CATEGORY = "installation";
const INSTALL = "run 'kubectl qos install', or 'kubectl apply -k manifests/base'";

const crdSchema = z.object({
	status: z
		.object({
			conditions: z
				.array(z.object({ type: z.string(), status: z.string(), message: z.string().default("") }))
				.default([]),
		})
		.prefault({}),
});

async function customResources({ client }: Subject): Promise<Finding> {
	const problems = await Promise.all(
		Object.entries(RESOURCES).map(async ([kind, plural]) => {
			const served = await client
				.list(resourcePath(kind as keyof typeof RESOURCES), { limit: "1" })
				.catch(unlessForbidden);
			if (served === undefined || !isMissing(served)) return undefined;
			const crd = await client.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${GROUP}`);
			if (isMissing(crd)) return `${plural}.${GROUP} is not installed`;
			const untrue = crdSchema
				.parse(crd)
				.status.conditions.find(({ type, status }) => type === "Established" && status !== "True");
			return `${plural}.${GROUP} is installed, but v1alpha1 is not served${untrue ? `: ${untrue.message}` : ""}`;
		}),
	);
	const found = problems.filter((problem) => problem !== undefined);
	if (found.length === 0) return passed("CRDs v1alpha1 served");
	return failed(`CRDs v1alpha1 are not all served: ${found.join("; ")}`, INSTALL);
}

/** Who may not list a kind can still be told whether its CRD is there. */
function unlessForbidden(error: unknown): undefined {
	if (!(error instanceof PluginError) || error.reason !== "Forbidden") throw error;
}

const READING: readonly Permission[] = Object.values(RESOURCES).flatMap((resource) =>
	["get", "list"].map((verb): Permission => ({ verb, group: GROUP, resource })),
);

async function ownPermissions({ client }: Subject): Promise<Finding> {
	const missing = await denied(client, READING);
	if (missing.length === 0) return passed("you may read policies, reports, migrations and jobs in all namespaces");
	return failed(
		`you may not ${missing.join(", ")} in all namespaces`,
		"have somebody bind the ClusterRole qos-viewer to you; in single namespaces, -n works with a RoleBinding",
	);
}

async function controllerRights({ client, controllerNamespace }: Subject): Promise<Finding> {
	const user = `system:serviceaccount:${controllerNamespace}:kubectl-qos-controller`;
	const missing = await denied(client, controllerPermissions(controllerNamespace), user);
	if (missing.length === 0) return passed(`the controller's ServiceAccount may do what it must`);
	const more = missing.length > 5 ? ` and ${missing.length - 5} more` : "";
	return failed(
		`RBAC: ${user} may not ${missing.slice(0, 5).join(", ")}${more}`,
		`restore the roles and bindings kubectl-qos-controller: ${INSTALL}`,
	);
}

const GUARDS = [
	["validatingadmissionpolicies", "qosmigrations.kubectl-qos.dev"],
	["validatingadmissionpolicybindings", "qosmigrations.kubectl-qos.dev"],
	["mutatingadmissionpolicies", "requester.kubectl-qos.dev"],
	["mutatingadmissionpolicybindings", "requester.kubectl-qos.dev"],
] as const;

async function admissionPolicies({ client }: Subject): Promise<Finding> {
	const missing: string[] = [];
	for (const [plural, name] of GUARDS) {
		const answer = await client.get(`/apis/admissionregistration.k8s.io/v1/${plural}/${name}`);
		if (isMissing(answer))
			missing.push(answer.missing === "Path" ? `${plural} (this API server has none)` : `${plural}/${name}`);
	}
	if (missing.length === 0) return passed("migrations are guarded by admission policies");
	return failed(
		`nothing keeps people from migrating what they may not patch, or under another's name: ${missing.join(", ")} missing`,
		missing.some((name) => name.includes("has none")) ? "use Kubernetes 1.36 or later" : INSTALL,
	);
}

export const INSTALLATION_CHECKS: readonly Check[] = [
	{ code: "QOS001", category: CATEGORY, look: customResources },
	{ code: "QOS002", category: CATEGORY, look: ownPermissions },
	{ code: "QOS003", category: CATEGORY, look: controllerRights },
	{ code: "QOS004", category: CATEGORY, look: admissionPolicies },
];
