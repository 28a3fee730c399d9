import type { Claim, Volume } from "../../api/kubernetes/volume.ts";
import type { VolumeClaim } from "../../core/cluster/state.ts";

/** Claims joined with what their volumes demand of nodes; either may come first. */
export class ClaimIndex {
	readonly claims = new Map<string, VolumeClaim>();
	private readonly own = new Map<string, Claim>();
	private readonly volumes = new Map<string, Volume>();
	private readonly claimOfVolume = new Map<string, string>();

	setClaim(key: string, claim: Claim | undefined): void {
		const previous = this.own.get(key)?.volumeName;
		if (previous !== undefined) this.claimOfVolume.delete(previous);
		if (claim) this.own.set(key, claim);
		else this.own.delete(key);
		if (claim?.volumeName !== undefined) this.claimOfVolume.set(claim.volumeName, key);
		this.join(key);
	}

	setVolume(name: string, volume: Volume | undefined): void {
		if (volume) this.volumes.set(name, volume);
		else this.volumes.delete(name);
		const key = this.claimOfVolume.get(name);
		if (key !== undefined) this.join(key);
	}

	/** Where a bound volume can be mounted is unknown until it was seen: no alternatives mean nowhere. */
	private join(key: string): void {
		const claim = this.own.get(key);
		if (!claim) {
			this.claims.delete(key);
			return;
		}
		const volume = claim.volumeName === undefined ? undefined : this.volumes.get(claim.volumeName);
		this.claims.set(key, {
			namespace: claim.namespace,
			name: claim.name,
			bound: claim.volumeName !== undefined,
			nodeAffinity: claim.volumeName !== undefined && !volume ? [] : volume?.nodeAffinity,
			zones: volume?.zones ?? [],
			refusal: claim.refusal,
			singleNode: claim.singleNode,
			singlePod: claim.singlePod,
		});
	}
}
