import { issueAuthority, issueLeaf } from "./issue.ts";
import type { KeyPair } from "./pair.ts";
import type { RenewalSettings, RenewalStep } from "./renewal.ts";
import type { CertificateState } from "./state.ts";

/** Durations in seconds. */
export interface IssueSettings extends RenewalSettings {
	readonly authorityValidity: number;
	readonly leafValidity: number;
}

/** The state after a step, to be stored; makes keys, so it takes some tenths of a second. */
export async function carryOut(
	step: Exclude<RenewalStep, { kind: "Wait" }>,
	state: CertificateState | undefined,
	settings: IssueSettings,
	now: number,
): Promise<CertificateState> {
	const leafValidity = { now, seconds: settings.leafValidity };
	if (step.kind === "IssueAll" || !state) {
		const authority = await issueAuthority({ now, seconds: settings.authorityValidity });
		const leaf = await issueLeaf(authority, settings.hosts, leafValidity);
		return { authorities: [authority.certificate], authorityKey: authority.key, leaf, changedAt: now };
	}
	switch (step.kind) {
		case "AddAuthority": {
			const { certificate, key } = await issueAuthority({ now, seconds: settings.authorityValidity });
			return { ...state, authorities: [...state.authorities, certificate], authorityKey: key, changedAt: now };
		}
		case "IssueLeaf": {
			const leaf = await issueLeaf(newestAuthority(state), settings.hosts, leafValidity);
			return { ...state, leaf, changedAt: now };
		}
		case "PruneAuthorities":
			return { ...state, authorities: state.authorities.slice(-1), changedAt: now };
	}
}

function newestAuthority(state: CertificateState): KeyPair {
	return { certificate: state.authorities.at(-1) ?? "", key: state.authorityKey };
}
