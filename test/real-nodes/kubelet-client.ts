import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import forge from "node-forge";

/** Files of the certificate that the API server shows to kubelets; it is its own authority. */
export interface KubeletClient {
	readonly certificate: string;
	readonly key: string;
}

/** Issues it for a day, since no cluster here lives longer. */
export async function writeKubeletClient(dir: string): Promise<KubeletClient> {
	const { publicKey, privateKey } = generateKeyPairSync("rsa", {
		modulusLength: 2048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	});
	const certificate = forge.pki.createCertificate();
	certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
	certificate.serialNumber = "01";
	certificate.validity.notBefore = new Date(Date.now() - 300_000);
	certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
	const subject = [
		{ name: "organizationName", value: "system:masters" },
		{ name: "commonName", value: "kube-apiserver-kubelet-client" },
	];
	certificate.setSubject(subject);
	certificate.setIssuer(subject);
	certificate.setExtensions([
		{ name: "basicConstraints", cA: true, critical: true },
		{ name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
		{ name: "extKeyUsage", clientAuth: true },
	]);
	certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
	const files = { certificate: join(dir, "kubelet-client.crt"), key: join(dir, "kubelet-client.key") };
	await writeFile(files.certificate, forge.pki.certificateToPem(certificate));
	await writeFile(files.key, privateKey, { mode: 0o600 });
	return files;
}
