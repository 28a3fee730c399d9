import { z } from "zod";
import { type KubernetesConnection, MERGE_PATCH } from "./connection.ts";
import { ApiError } from "./errors.ts";
import type { Log } from "./log.ts";
import { objectPath } from "./paths.ts";
import { Reflector } from "./reflector.ts";

export interface CertificateStoreOptions {
	readonly connection: KubernetesConnection;
	readonly namespace: string;
	readonly secretName: string;
	/** Name of the MutatingWebhookConfiguration. */
	readonly configurationName: string;
	/** The API server shall reach the webhook by this URL instead of its Service. */
	readonly url?: string | undefined;
	readonly log: Log;
}

type SecretData = Readonly<Record<string, string>>;

const secretSchema = z
	.object({
		metadata: z.object({ resourceVersion: z.string() }),
		data: z.record(z.string(), z.base64()).nullish(),
	})
	.transform(({ metadata, data }) => ({
		resourceVersion: metadata.resourceVersion,
		data: Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, decoded(value)])),
	}));

const configurationSchema = z.object({
	metadata: z.object({ resourceVersion: z.string() }),
	webhooks: z
		.array(
			z.object({
				name: z.string(),
				clientConfig: z.object({ caBundle: z.string().optional(), url: z.string().optional() }),
			}),
		)
		.default([]),
});

const WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

/** Certificates in a Secret, and the webhook configuration that must trust them. Rejects with ApiError. */
export class KubernetesCertificateStore {
	private readonly options: CertificateStoreOptions;

	constructor(options: CertificateStoreOptions) {
		this.options = options;
	}

	/** `undefined` when there is no Secret. */
	async read(): Promise<z.output<typeof secretSchema> | undefined> {
		const { connection, secretName } = this.options;
		try {
			return secretSchema.parse(await connection.request({ path: this.secretPath(secretName) }));
		} catch (error) {
			if (error instanceof ApiError && error.status === 404) return undefined;
			throw error;
		}
	}

	/** `Conflict` when there is one by now. */
	async create(data: SecretData): Promise<"Written" | "Conflict"> {
		const { secretName, namespace } = this.options;
		return this.write("POST", this.secretPath(), {
			apiVersion: "v1",
			kind: "Secret",
			metadata: { name: secretName, namespace, labels: { "app.kubernetes.io/name": "kubectl-qos" } },
			data: encoded(data),
		});
	}

	/** Writes the data over what is there; `Conflict` when the Secret is no longer at this version. */
	async update(data: SecretData, resourceVersion: string): Promise<"Written" | "Conflict"> {
		const path = this.secretPath(this.options.secretName);
		return this.write("PATCH", path, { metadata: { resourceVersion }, data: encoded(data) });
	}

	/** Makes the webhook configuration trust exactly this PEM bundle; writes nothing when it does already. */
	async ensureTrusted(bundle: string): Promise<void> {
		const { connection, configurationName, url } = this.options;
		const path = `${WEBHOOKS}/${encodeURIComponent(configurationName)}`;
		const { metadata, webhooks } = configurationSchema.parse(await connection.request({ path }));
		const caBundle = Buffer.from(bundle).toString("base64");
		const wrong = webhooks.filter(
			({ clientConfig }) => clientConfig.caBundle !== caBundle || (url !== undefined && clientConfig.url !== url),
		);
		if (wrong.length === 0) return;
		const clientConfig = { caBundle, ...(url !== undefined && { url, service: null }) };
		await connection.request({
			method: "PATCH",
			path,
			contentType: "application/strategic-merge-patch+json",
			body: {
				metadata: { resourceVersion: metadata.resourceVersion },
				webhooks: wrong.map(({ name }) => ({ name, clientConfig })),
			},
		});
	}

	/** Calls `onChange` whenever the Secret or the webhook configuration changes; returns how to end that. */
	watch(onChange: () => void): () => Promise<void> {
		const { connection, log, secretName, configurationName } = this.options;
		const present = new Set<string>();
		const sink = (kind: string) => ({
			put: (key: string) => {
				present.add(kind + key);
				onChange();
			},
			remove: (key: string) => {
				present.delete(kind + key);
				onChange();
			},
			keys: () => [...present].filter((key) => key.startsWith(kind)).map((key) => key.slice(kind.length)),
		});
		const reflectors = [
			{ path: this.secretPath(), fieldSelector: `metadata.name=${secretName}`, sink: sink("secret:") },
			{ path: WEBHOOKS, fieldSelector: `metadata.name=${configurationName}`, sink: sink("configuration:") },
		].map((watched) => new Reflector({ connection, log, ...watched }));
		for (const reflector of reflectors) reflector.start();
		return async () => {
			await Promise.all(reflectors.map((reflector) => reflector.stop()));
		};
	}

	private secretPath(name?: string): string {
		return objectPath("/api/v1", this.options.namespace, "secrets", name);
	}

	private async write(method: "POST" | "PATCH", path: string, body: object): Promise<"Written" | "Conflict"> {
		const contentType = method === "PATCH" ? MERGE_PATCH : "application/json";
		try {
			await this.options.connection.request({ method, path, body, contentType });
			return "Written";
		} catch (error) {
			if (error instanceof ApiError && error.status === 409) return "Conflict";
			throw error;
		}
	}
}

function encoded(data: SecretData): SecretData {
	return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
}

function decoded(value: string): string {
	return Buffer.from(value, "base64").toString("utf8");
}
