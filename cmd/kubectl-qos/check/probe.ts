import { z } from "zod";
import { PROBE_ANNOTATION } from "../../../src/api/v1alpha1/group.ts";
import { probedVersion } from "../../../src/api/v1alpha1/probe.ts";
import { type ApiClient, isMissing } from "../client/client.ts";
import { PluginError } from "../errors.ts";

/** Namespaces tried at most: some may not let this user create pods. */
const TRIED = 5;

/** What came of a dry run that the webhook should see. */
export type Probe =
	| { readonly kind: "Answered"; readonly version: string }
	| { readonly kind: "Silent"; readonly namespace: string }
	| { readonly kind: "NowhereToAsk"; readonly why: string };

const namespacesSchema = z.array(
	z.object({
		metadata: z.object({ name: z.string() }),
		status: z.object({ phase: z.string().default("Active") }).prefault({}),
	}),
);

/** Has the API server call the webhook by creating a pod that is not stored. @throws PluginError */
export async function probeWebhook(client: ApiClient): Promise<Probe> {
	const answer = await client.list("/api/v1/namespaces", { labelSelector: "kubectl-qos.dev/admission=enabled" });
	const namespaces = isMissing(answer) ? [] : namespacesSchema.parse(answer);
	const names = namespaces.filter(({ status }) => status.phase === "Active").map(({ metadata }) => metadata.name);
	let why = "no namespace has the label kubectl-qos.dev/admission=enabled, so no pod reaches the webhook";
	for (const namespace of names.slice(0, TRIED)) {
		try {
			return await ask(client, namespace);
		} catch (error) {
			if (!(error instanceof PluginError) || error.code !== "ServerRefused") throw error;
			why = error.message;
		}
	}
	return { kind: "NowhereToAsk", why };
}

async function ask(client: ApiClient, namespace: string): Promise<Probe> {
	let version: string | undefined;
	await client.send("POST", `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`, {
		query: { dryRun: "All" },
		body: JSON.stringify(POD),
		onWarning: (warning) => {
			version ??= probedVersion(warning)?.replace(/"$/, "");
		},
	});
	return version === undefined ? { kind: "Silent", namespace } : { kind: "Answered", version };
}

/** As small and harmless as namespaces' rules may ask for; it is never stored. */
const POD = {
	apiVersion: "v1",
	kind: "Pod",
	metadata: { generateName: "kubectl-qos-check-", annotations: { [PROBE_ANNOTATION]: "true" } },
	spec: {
		automountServiceAccountToken: false,
		securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
		containers: [
			{
				name: "probe",
				image: "kubectl-qos.invalid/check",
				resources: { requests: { cpu: "1m", memory: "1Mi" }, limits: { cpu: "1m", memory: "1Mi" } },
				securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
			},
		],
	},
};
