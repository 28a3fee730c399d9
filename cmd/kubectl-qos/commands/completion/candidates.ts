import { z } from "zod";
import { resourcePath } from "../../../../src/api/v1alpha1/group.ts";
import type { Completion, FlagValues } from "../../arguments/flags.ts";
import { type ApiClient, isMissing } from "../../client/client.ts";
import { kubeconfigFiles, loadKubeconfig } from "../../client/kubeconfig.ts";
import { openSession, type Session } from "../../client/session.ts";
import type { Terminal } from "../../terminal.ts";
import type { Offer } from "./complete.ts";

/** Nobody waits longer for Tab. ms. */
const PATIENCE = 1000;

const listed = z.object({ metadata: z.object({ name: z.string() }) });

/** Names only: a tenth of the objects. */
const METADATA_ONLY = {
	Accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
};

type Source = Exclude<Completion, "files" | readonly string[]>;
type Listed = Exclude<Source, "contexts" | "clusters" | "users">;

/** Names of what there is, by kubeconfig or API server. Rejects when there is no answer in time. */
export async function candidatesOf(source: Source, values: FlagValues, terminal: Terminal): Promise<readonly Offer[]> {
	if (source === "contexts" || source === "clusters" || source === "users") {
		const { files, mustExist } = kubeconfigFiles(values.text("kubeconfig"), terminal.environment);
		return [...loadKubeconfig(files, mustExist)[source].keys()].map((value) => ({ value }));
	}
	const patience = new AbortController();
	const late = setTimeout(() => patience.abort(), PATIENCE);
	const silent = { ...terminal, note: () => {} };
	let session: Session | undefined;
	try {
		session = await openSession(values.with("request-timeout", `${PATIENCE}ms`), silent, patience.signal);
		patience.signal.addEventListener("abort", session.client.close.bind(session.client));
		return await names(session.client, pathOf(source, session));
	} finally {
		clearTimeout(late);
		session?.client.close();
	}
}

function pathOf(source: Listed, { namespace }: Session): string {
	const paths: Readonly<Record<Listed, string>> = {
		namespaces: "/api/v1/namespaces",
		nodes: "/api/v1/nodes",
		policies: resourcePath("QoSPolicy", namespace),
		jobs: resourcePath("QoSJob", namespace),
		deployments: `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments`,
	};
	return paths[source];
}

async function names(client: ApiClient, path: string): Promise<readonly Offer[]> {
	const answer = await client.list(path, {}, METADATA_ONLY);
	if (isMissing(answer)) return [];
	return answer.map((object) => ({ value: listed.parse(object).metadata.name }));
}
