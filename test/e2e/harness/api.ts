import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import { ApiError, createApiClient } from "../../cluster/api-client.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Kind, Objects } from "./kinds.ts";

const COLLECTIONS: Readonly<Record<Kind, readonly [group: string, plural: string]>> = {
	Pod: ["/api/v1", "pods"],
	Secret: ["/api/v1", "secrets"],
	Deployment: ["/apis/apps/v1", "deployments"],
	ReplicaSet: ["/apis/apps/v1", "replicasets"],
	Lease: ["/apis/coordination.k8s.io/v1", "leases"],
	Event: ["/apis/events.k8s.io/v1", "events"],
	QoSMigration: ["/apis/kubectl-qos.dev/v1alpha1", "qosmigrations"],
	QoSReport: ["/apis/kubectl-qos.dev/v1alpha1", "qosreports"],
	QoSPolicy: ["/apis/kubectl-qos.dev/v1alpha1", "qospolicies"],
	QoSJob: ["/apis/kubectl-qos.dev/v1alpha1", "qosjobs"],
	MutatingWebhookConfiguration: ["/apis/admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations"],
};

/** Where an object or, without a name, a collection is; cluster-scoped kinds have the namespace "". */
function pathOf(kind: Kind, namespace: string, name?: string): string {
	const [group, plural] = COLLECTIONS[kind];
	const scope = namespace === "" ? "" : `/namespaces/${namespace}`;
	return `${group}${scope}/${plural}${name === undefined ? "" : `/${name}`}`;
}

/** The API server as an admin sees it, without the start-up time of kubectl. */
export interface Api {
	/** `undefined` when there is none. */
	find<K extends Kind>(kind: K, namespace: string, name: string): Promise<Objects[K] | undefined>;
	/** Rejects when there is none. */
	get<K extends Kind>(kind: K, namespace: string, name: string): Promise<Objects[K]>;
	list<K extends Kind>(kind: K, namespace: string, labelSelector?: string): Promise<readonly Objects[K][]>;
	/** With `query` such as `dryRun=All`. */
	create<K extends Kind>(kind: K, namespace: string, object: object, query?: string): Promise<Objects[K]>;
	/** A merge patch. */
	patch(kind: Kind, namespace: string, name: string, body: object): Promise<void>;
	remove(kind: Kind, namespace: string, name: string): Promise<void>;
	/** The body at a path such as `/metrics`. */
	text(path: string): Promise<string>;
	/** Calls `see` with every state of one object from now on; returns how to end that. */
	watch<K extends Kind>(
		kind: K,
		key: { namespace: string; name: string },
		see: (object: Objects[K]) => void,
	): () => void;
	close(): void;
}

export function connectApi(cluster: Pick<Cluster, "kubeconfig" | "apiServerUrl">): Api {
	const { token, ca } = readCredentials(cluster.kubeconfig);
	const client = createApiClient(cluster.apiServerUrl, token, () => ca);
	async function get<K extends Kind>(kind: K, namespace: string, name: string): Promise<Objects[K]> {
		return JSON.parse(await client.send({ path: pathOf(kind, namespace, name) }));
	}
	return {
		get,
		async find(kind, namespace, name) {
			try {
				return await get(kind, namespace, name);
			} catch (error) {
				if (error instanceof ApiError && error.status === 404) return undefined;
				throw error;
			}
		},
		async list<K extends Kind>(kind: K, namespace: string, labelSelector = "") {
			const path = `${pathOf(kind, namespace)}?labelSelector=${encodeURIComponent(labelSelector)}`;
			const list: { items: readonly Objects[K][] } = JSON.parse(await client.send({ path }));
			return list.items;
		},
		async create(kind, namespace, object, query = "") {
			const path = `${pathOf(kind, namespace)}?${query}`;
			return JSON.parse(await client.send({ method: "POST", path, body: object }));
		},
		async patch(kind, namespace, name, body) {
			await client.send({ method: "PATCH", path: pathOf(kind, namespace, name), body });
		},
		async remove(kind, namespace, name) {
			await client.send({ method: "DELETE", path: pathOf(kind, namespace, name) });
		},
		text: (path) => client.send({ path }),
		watch(kind, { namespace, name }, see) {
			const url = new URL(pathOf(kind, namespace), cluster.apiServerUrl);
			url.search = `watch=1&fieldSelector=metadata.name%3D${name}`;
			const watching = request(url, { ca, headers: { authorization: `Bearer ${token}` } }, (response) => {
				const lines = createInterface({ input: response });
				lines.on("error", () => undefined);
				lines.on("line", (line) => see(JSON.parse(line).object));
			});
			watching.on("error", () => undefined);
			watching.end();
			return () => void watching.destroy();
		},
		close: () => client.close(),
	};
}

function readCredentials(kubeconfig: string): { token: string; ca: Buffer } {
	const config = parse(readFileSync(kubeconfig, "utf8")) as {
		clusters: { cluster: { "certificate-authority-data": string } }[];
		users: { user: { token: string } }[];
	};
	const ca = Buffer.from(config.clusters[0]?.cluster["certificate-authority-data"] ?? "", "base64");
	return { token: config.users[0]?.user.token ?? "", ca };
}

/** Fingerprints of the certificates in a PEM bundle. */
export function fingerprints(pem: string): readonly string[] {
	const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
	return certificates.map((certificate) => new X509Certificate(certificate).fingerprint256);
}
