import { generateKeyPair, randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import forge from "node-forge";
import type { KeyPair } from "./pair.ts";

/** `now` is in ms since the epoch. */
export interface Validity {
	readonly now: number;
	readonly seconds: number;
}

/** Certificates are valid from this long before they are made: clocks differ. */
const CLOCK_SKEW_MS = 5 * 60 * 1000;
const KEY_BITS = 2048;

const generate = promisify(generateKeyPair);

/** A self-signed certificate authority with a name of its own, so that two can be trusted side by side. */
export async function issueAuthority(validity: Validity): Promise<KeyPair> {
	const { certificate, privateKey, key } = await blank(validity);
	const subject = [{ name: "commonName", value: `kubectl-qos webhook CA ${certificate.serialNumber.slice(0, 8)}` }];
	certificate.setSubject(subject);
	certificate.setIssuer(subject);
	certificate.setExtensions([
		{ name: "basicConstraints", cA: true, pathLenConstraint: 0, critical: true },
		{ name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
		{ name: "subjectKeyIdentifier" },
	]);
	return signed(certificate, privateKey, key);
}

/** A serving certificate for DNS names and IP addresses. It does not outlive its authority. */
export async function issueLeaf(authority: KeyPair, hosts: readonly string[], validity: Validity): Promise<KeyPair> {
	const issuer = forge.pki.certificateFromPem(authority.certificate);
	const { certificate, key } = await blank(validity);
	if (certificate.validity.notAfter > issuer.validity.notAfter) {
		certificate.validity.notAfter = issuer.validity.notAfter;
	}
	certificate.setSubject([{ name: "commonName", value: "kubectl-qos webhook" }]);
	certificate.setIssuer(issuer.subject.attributes);
	certificate.setExtensions([
		{ name: "basicConstraints", cA: false, critical: true },
		{ name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
		{ name: "extKeyUsage", serverAuth: true },
		{ name: "subjectAltName", altNames: hosts.map(alternativeName) },
		{ name: "authorityKeyIdentifier", keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
	]);
	return signed(certificate, forge.pki.privateKeyFromPem(authority.key), key);
}

/** A certificate with a new key and everything but names and extensions. */
async function blank({ now, seconds }: Validity) {
	const { publicKey, privateKey } = await generate("rsa", {
		modulusLength: KEY_BITS,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	});
	const certificate = forge.pki.createCertificate();
	certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
	certificate.serialNumber = serialNumber();
	certificate.validity.notBefore = new Date(now - CLOCK_SKEW_MS);
	certificate.validity.notAfter = new Date(now + seconds * 1000);
	return { certificate, privateKey: forge.pki.privateKeyFromPem(privateKey), key: privateKey };
}

function signed(certificate: forge.pki.Certificate, signer: forge.pki.rsa.PrivateKey, key: string): KeyPair {
	certificate.sign(signer, forge.md.sha256.create());
	// forge ends lines as RFC 1421 did.
	const pem = forge.pki.certificateToPem(certificate).replaceAll("\r\n", "\n");
	return { certificate: pem, key };
}

/** 127 random bits: unique, and positive as RFC 5280 wants it. */
function serialNumber(): string {
	const bytes = randomBytes(16);
	bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
	return bytes.toString("hex");
}

function alternativeName(host: string) {
	return isIP(host) ? { type: 7, ip: host } : { type: 2, value: host };
}
