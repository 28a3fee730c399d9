import type { Resources } from "./resources.ts";

export const HOSTNAME_KEY = "kubernetes.io/hostname";

export interface Taint {
	readonly key: string;
	readonly value: string;
	readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A Kubernetes Node, as far as placement needs it. */
export interface Node {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly taints: readonly Taint[];
	/** Cordoned (`spec.unschedulable`). */
	readonly unschedulable: boolean;
	/** The condition Ready is True. */
	readonly ready: boolean;
	readonly allocatable: Resources;
}
