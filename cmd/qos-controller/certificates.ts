import type { Logger } from "pino";
import { CertificateManager } from "../../certs/manager.ts";
import type { KeyPair } from "../../certs/pair.ts";
import { KubernetesCertificateStore } from "../../src/adapters/kubernetes/certificate-store.ts";
import type { KubernetesConnection } from "../../src/adapters/kubernetes/connection.ts";
import type { Configuration } from "../../src/config/config.ts";

export interface CertificateOptions {
	readonly configuration: Configuration;
	readonly connection: KubernetesConnection;
	readonly logger: Logger;
	readonly onCertificate: (leaf: KeyPair) => void;
}

/** Certificates kept in a Secret, trusted by the webhook configuration, checked by every replica. */
export function createCertificates(options: CertificateOptions): {
	manager: CertificateManager;
	/** Wakes the manager when the Secret or the configuration changes; returns how to end that. */
	watch: () => () => Promise<void>;
} {
	const { configuration, connection, logger, onCertificate } = options;
	const { webhook, certificates, namespace } = configuration;
	const store = new KubernetesCertificateStore({
		connection,
		namespace,
		secretName: certificates.secretName,
		configurationName: webhook.configurationName,
		url: webhook.url,
		log: logger,
	});
	const manager = new CertificateManager({
		store,
		settings: {
			hosts: hosts(configuration),
			renewBefore: certificates.renewBefore,
			overlap: certificates.overlap,
			authorityValidity: certificates.caValidity,
			leafValidity: certificates.leafValidity,
		},
		checkInterval: certificates.checkInterval,
		clock: Date.now,
		logger,
		onCertificate,
	});
	return { manager, watch: () => store.watch(() => manager.wake()) };
}

/** Names under which the API server reaches the webhook, and clients the agent. */
function hosts({ webhook, agent, namespace }: Configuration): string[] {
	const services = agent.enabled ? [webhook.serviceName, agent.serviceName] : [webhook.serviceName];
	const names = services.flatMap((name) => [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`]);
	// An IPv6 address stands in brackets in a URL and without them in a certificate.
	return webhook.url === undefined ? names : [new URL(webhook.url).hostname.replace(/^\[|\]$/g, ""), ...names];
}
