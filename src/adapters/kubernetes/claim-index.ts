import type { StorageClass } from "../../api/kubernetes/storage-class.ts";
import type { Claim, Volume } from "../../api/kubernetes/volume.ts";
import { type NodeSelectorTerm, selects } from "../../core/cluster/selectors.ts";
import type { VolumeClaim } from "../../core/cluster/state.ts";

/** Claims joined with what their volumes and classes demand of nodes; any may come first. */
export class ClaimIndex {
	readonly claims = new Map<string, VolumeClaim>();
	private readonly own = new Map<string, Claim>();
	private readonly volumes = new Map<string, Volume>();
	private readonly classes = new Map<string, StorageClass>();
	private readonly claimOfVolume = new Map<string, string>();
	private readonly unbound = new Set<string>();

	setClaim(key: string, claim: Claim | undefined): void {
		const previous = this.own.get(key)?.volumeName;
		if (previous !== undefined) this.claimOfVolume.delete(previous);
		if (claim) this.own.set(key, claim);
		else this.own.delete(key);
		if (claim?.volumeName !== undefined) this.claimOfVolume.set(claim.volumeName, key);
		if (claim && claim.volumeName === undefined) this.unbound.add(key);
		else this.unbound.delete(key);
		this.join(key);
	}

	setVolume(name: string, volume: Volume | undefined): void {
		if (volume) this.volumes.set(name, volume);
		else this.volumes.delete(name);
		const key = this.claimOfVolume.get(name);
		if (key !== undefined) this.join(key);
		for (const waiting of this.unbound) this.join(waiting);
	}

	setClass(name: string, storageClass: StorageClass | undefined): void {
		if (storageClass) this.classes.set(name, storageClass);
		else this.classes.delete(name);
		for (const waiting of this.unbound) this.join(waiting);
	}

	private join(key: string): void {
		const claim = this.own.get(key);
		if (!claim) {
			this.claims.delete(key);
			return;
		}
		const { namespace, name, singleNode, singlePod, refusal } = claim;
		const reach = claim.volumeName === undefined ? this.reachOfUnbound(key, claim) : this.reachOf(claim.volumeName);
		this.claims.set(key, {
			...reach,
			namespace,
			name,
			singleNode,
			singlePod,
			bound: claim.volumeName !== undefined,
			refusal: refusal ?? reach.refusal,
		});
	}

	/** Where a bound volume can be mounted is unknown until it was seen: no alternatives mean nowhere. */
	private reachOf(volumeName: string): Reach {
		const volume = this.volumes.get(volumeName);
		if (!volume) return { nodeAffinity: [], zones: [], refusal: undefined };
		return { nodeAffinity: volume.nodeAffinity, zones: volume.zones, refusal: undefined };
	}

	/** Where a claim can still be bound, if its class waits for a node. */
	private reachOfUnbound(key: string, claim: Claim): Reach {
		const storageClass = this.classes.get(claim.storageClass);
		if (claim.prebound || !storageClass?.waitsForNode) {
			return { nodeAffinity: undefined, zones: [], refusal: "pod has unbound immediate PersistentVolumeClaims" };
		}
		const alternatives: (readonly NodeSelectorTerm[] | undefined)[] = [];
		for (const volume of this.volumes.values()) {
			if (isOffered(volume, claim, key)) alternatives.push(volume.nodeAffinity);
		}
		if (storageClass.provisions) alternatives.push(storageClass.allowedTopologies);
		const anywhere = alternatives.includes(undefined);
		return {
			nodeAffinity: anywhere ? undefined : alternatives.flatMap((terms) => terms ?? []),
			zones: [],
			refusal: undefined,
		};
	}
}

type Reach = Pick<VolumeClaim, "nodeAffinity" | "zones" | "refusal">;

/** Whether a volume may be bound to a claim, as `FindMatchingVolume` of k8s.io/component-helpers decides. */
function isOffered(volume: Volume, claim: Claim, key: string): boolean {
	if (volume.claim !== undefined && volume.claim !== key) return false;
	if (!volume.available && volume.claim !== key) return false;
	return (
		volume.storageClass === claim.storageClass &&
		volume.size >= claim.size &&
		volume.volumeMode === claim.volumeMode &&
		claim.accessModes.every((mode) => volume.accessModes.includes(mode)) &&
		(claim.selector === undefined || selects(claim.selector, volume.labels))
	);
}
