import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { CertificateState } from "./state.ts";

/** Durations in seconds. */
export interface RenewalSettings {
	/** DNS names and IP addresses that the leaf must be good for. */
	readonly hosts: readonly string[];
	/** Renew when less than this is left, or a third of the lifetime where that is shorter. */
	readonly renewBefore: number;
	/**
	 * How long two authorities are both trusted before the leaf changes, and again before the old one goes:
	 * mounted Secrets and the API server's own caches lag by up to 100 s.
	 */
	readonly overlap: number;
}

/** What must happen to the stored certificates now. Times are ms since the epoch. */
export type RenewalStep =
	/** Nothing usable is there: a new authority and a new leaf, at once. */
	| { readonly kind: "IssueAll"; readonly reason: string }
	/** A new authority beside the old one; the leaf stays. */
	| { readonly kind: "AddAuthority"; readonly reason: string }
	/** A new leaf, signed by the newest authority. */
	| { readonly kind: "IssueLeaf"; readonly reason: string }
	/** Only the newest authority stays trusted. */
	| { readonly kind: "PruneAuthorities"; readonly reason: string }
	| { readonly kind: "Wait"; readonly until: number };

/** Plans a rotation with overlap, one step at a time, from what is stored alone. */
export function nextStep(state: CertificateState | undefined, settings: RenewalSettings, now: number): RenewalStep {
	if (!state) return { kind: "IssueAll", reason: "no usable certificates are stored" };
	const authorities = state.authorities.map((pem) => new X509Certificate(pem));
	const authority = authorities.at(-1) as X509Certificate;
	const leaf = new X509Certificate(state.leaf.certificate);
	if (expiresAt(authority) <= now) return { kind: "IssueAll", reason: "the authority has expired" };
	const broken = leafProblem(leaf, authorities, { hosts: settings.hosts, now });
	if (broken !== undefined) return { kind: "IssueLeaf", reason: broken };
	if (authorities.length > 1) return rotationStep(state, isIssuedBy(leaf, authority), { settings, now });
	const authorityDue = renewalTime(authority, settings.renewBefore);
	if (authorityDue <= now) return { kind: "AddAuthority", reason: "the authority expires soon" };
	const leafDue = renewalTime(leaf, settings.renewBefore);
	if (leafDue <= now) return { kind: "IssueLeaf", reason: "the leaf expires soon" };
	return { kind: "Wait", until: Math.min(authorityDue, leafDue) };
}

/** When a certificate is to be renewed. */
function renewalTime(certificate: X509Certificate, renewBefore: number): number {
	const end = expiresAt(certificate);
	const lifetime = end - certificate.validFromDate.getTime();
	return end - Math.min(renewBefore * 1000, lifetime / 3);
}

export function expiresAt(certificate: X509Certificate): number {
	return certificate.validToDate.getTime();
}

/** Two authorities are trusted: first the leaf moves to the new one, then the old one goes. */
function rotationStep(
	state: CertificateState,
	leafIsNew: boolean,
	{ settings, now }: { readonly settings: RenewalSettings; readonly now: number },
): RenewalStep {
	const until = state.changedAt + settings.overlap * 1000;
	if (now < until) return { kind: "Wait", until };
	return leafIsNew
		? { kind: "PruneAuthorities", reason: "the leaf no longer needs the old authority" }
		: { kind: "IssueLeaf", reason: "the new authority is trusted everywhere" };
}

/** Why a leaf cannot be served; such a leaf is replaced at once. */
function leafProblem(
	leaf: X509Certificate,
	authorities: readonly X509Certificate[],
	{ hosts, now }: { readonly hosts: readonly string[]; readonly now: number },
): string | undefined {
	if (expiresAt(leaf) <= now) return "the leaf has expired";
	const missing = hosts.find((host) => !isGoodFor(leaf, host));
	if (missing !== undefined) return `the leaf is not good for ${missing}`;
	if (!authorities.some((authority) => isIssuedBy(leaf, authority))) return "no trusted authority issued the leaf";
	return undefined;
}

function isGoodFor(leaf: X509Certificate, host: string): boolean {
	return (isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host, { subject: "never" })) !== undefined;
}

function isIssuedBy(leaf: X509Certificate, authority: X509Certificate): boolean {
	return leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
}
