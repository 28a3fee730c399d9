import { createPrivateKey, X509Certificate } from "node:crypto";
import type { KeyPair } from "./pair.ts";

/** What the Secret holds. */
export interface CertificateState {
	/** Trusted authorities (PEM), the newest last; it is the one that signs. */
	readonly authorities: readonly string[];
	/** Key of the newest authority: any replica may have to issue a leaf. */
	readonly authorityKey: string;
	readonly leaf: KeyPair;
	/** When the trusted authorities or the leaf last changed, ms since the epoch. */
	readonly changedAt: number;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const FIELDS = {
	bundle: "ca.crt",
	authorityKey: "ca.key",
	leaf: "tls.crt",
	leafKey: "tls.key",
	changedAt: "changed-at",
};

/** State -> the Secret's data, not yet base64. */
export function toSecretData(state: CertificateState): Readonly<Record<string, string>> {
	return {
		[FIELDS.bundle]: trustBundle(state),
		[FIELDS.authorityKey]: state.authorityKey,
		[FIELDS.leaf]: state.leaf.certificate,
		[FIELDS.leafKey]: state.leaf.key,
		[FIELDS.changedAt]: new Date(state.changedAt).toISOString(),
	};
}

/** The Secret's data -> state; `undefined` when something is missing, unreadable or does not fit together. */
export function fromSecretData(data: Readonly<Record<string, string>>): CertificateState | undefined {
	const authorities = splitBundle(data[FIELDS.bundle] ?? "");
	const authorityKey = data[FIELDS.authorityKey] ?? "";
	const leaf = { certificate: data[FIELDS.leaf] ?? "", key: data[FIELDS.leafKey] ?? "" };
	const changedAt = Date.parse(data[FIELDS.changedAt] ?? "");
	const newest = authorities.at(-1);
	if (newest === undefined || !Number.isFinite(changedAt)) return undefined;
	const fits = authorities.every(isReadable) && belongTogether({ certificate: newest, key: authorityKey });
	return fits && belongTogether(leaf) ? { authorities, authorityKey, leaf, changedAt } : undefined;
}

/** What the API server must trust. */
export function trustBundle({ authorities }: Pick<CertificateState, "authorities">): string {
	return authorities.map((pem) => `${pem.trim()}\n`).join("");
}

function splitBundle(bundle: string): string[] {
	return bundle.match(CERTIFICATE) ?? [];
}

function isReadable(certificate: string): boolean {
	try {
		return new X509Certificate(certificate).ca;
	} catch {
		return false;
	}
}

function belongTogether({ certificate, key }: KeyPair): boolean {
	try {
		return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
	} catch {
		return false;
	}
}
