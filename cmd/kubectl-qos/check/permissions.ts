import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { type ApiClient, isMissing } from "../client/client.ts";
import { manifestFile } from "../install/files.ts";

/** One thing that somebody may do, or not. */
export interface Permission {
	readonly verb: string;
	readonly group: string;
	/** With its subresource: `pods/eviction`. */
	readonly resource: string;
	readonly name?: string | undefined;
	readonly namespace?: string | undefined;
}

const rulesSchema = z.object({
	kind: z.string(),
	metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
	rules: z
		.array(
			z.object({
				apiGroups: z.array(z.string()),
				resources: z.array(z.string()),
				resourceNames: z.array(z.string()).optional(),
				verbs: z.array(z.string()),
			}),
		)
		.default([]),
});

/** All that the controller needs, by the manifests that grant it. `namespace`: its own. */
export function controllerPermissions(namespace: string): readonly Permission[] {
	return ["access/controller.yaml", "access/controller-namespace.yaml"].flatMap((file) =>
		parseAllDocuments(manifestFile(file))
			.map((document) => rulesSchema.parse(document.toJS()))
			.filter(({ kind }) => kind === "ClusterRole" || kind === "Role")
			.flatMap(({ kind, rules }) =>
				rules.flatMap((rule) => permissionsOf(rule, kind === "Role" ? namespace : undefined)),
			),
	);
}

type Rule = z.output<typeof rulesSchema>["rules"][number];

function permissionsOf(
	{ apiGroups, resources, resourceNames, verbs }: Rule,
	namespace: string | undefined,
): Permission[] {
	const [name] = resourceNames ?? [];
	return apiGroups.flatMap((group) =>
		resources.flatMap((resource) => verbs.map((verb): Permission => ({ verb, group, resource, name, namespace }))),
	);
}

const reviewSchema = z.object({ status: z.object({ allowed: z.boolean() }) });

/** Whether `user`, or whoever asks, may do it. @throws PluginError when asking that is forbidden */
async function isAllowed(client: ApiClient, permission: Permission, user?: string): Promise<boolean> {
	const kind = user === undefined ? "SelfSubjectAccessReview" : "SubjectAccessReview";
	const [resource = "", subresource = ""] = permission.resource.split("/");
	const { verb, group, name, namespace } = permission;
	const body = {
		apiVersion: "authorization.k8s.io/v1",
		kind,
		spec: {
			...(user !== undefined && { user }),
			resourceAttributes: { verb, group, resource, subresource, name, namespace },
		},
	};
	const answer = await client.create(`/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`, body);
	return !isMissing(answer) && reviewSchema.parse(answer).status.allowed;
}

/** `patch deployments.apps`, as people say it. */
function describePermission({ verb, group, resource, name, namespace }: Permission): string {
	const what = group === "" ? resource : `${resource}.${group}`;
	return `${verb} ${what}${name === undefined ? "" : ` "${name}"`}${namespace === undefined ? "" : ` in namespace "${namespace}"`}`;
}

/** What of it `user`, or whoever asks, may not do, as people say it. @throws PluginError when asking that is forbidden */
export async function denied(
	client: ApiClient,
	permissions: readonly Permission[],
	user?: string,
): Promise<readonly string[]> {
	const answers = await Promise.all(permissions.map((permission) => isAllowed(client, permission, user)));
	return permissions.filter((_, index) => !answers[index]).map(describePermission);
}
