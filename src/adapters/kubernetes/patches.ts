import type { Workload } from "../../core/cluster/workload.ts";
import {
	PLACEMENT_KEY,
	PREVIOUS_PLACEMENT_KEY,
	previousPlacementOf,
	previousPlacementText,
} from "../../core/migration/annotations.ts";
import type { CommandOf } from "../../core/migration/command.ts";

/** Body of a merge patch of a Deployment; `null` removes a field. */
interface DeploymentPatch {
	readonly metadata: {
		readonly resourceVersion: string;
		readonly annotations?: Readonly<Record<string, string | null>>;
	};
	readonly spec: {
		readonly template: {
			readonly metadata: { readonly annotations: Readonly<Record<string, string | null>> };
			readonly spec?: { readonly nodeSelector: Readonly<Record<string, string | null>> };
		};
	};
}

/**
 * Pins the template. What the key held before is remembered on the Deployment, unless a pin of ours
 * stands: then what is there now is ours, and the first memory is the user's value.
 */
export function pinPatch(command: CommandOf<"PinWorkload">, workload: Workload | undefined): DeploymentPatch {
	const { resourceVersion, topologyKey, value, previous, placement } = command;
	const standing = previousPlacementOf(workload?.annotations ?? {})?.topologyKey === topologyKey;
	const memory = previousPlacementText({ topologyKey, value: previous ?? null });
	return {
		metadata: { resourceVersion, ...(!standing && { annotations: { [PREVIOUS_PLACEMENT_KEY]: memory } }) },
		spec: {
			template: {
				metadata: { annotations: { [PLACEMENT_KEY]: JSON.stringify(placement) } },
				spec: { nodeSelector: { [topologyKey]: value } },
			},
		},
	};
}

/** Rolls the template by its annotation alone. */
export function rollPatch({ resourceVersion, placement }: CommandOf<"RollWorkload">): DeploymentPatch {
	return {
		metadata: { resourceVersion },
		spec: { template: { metadata: { annotations: { [PLACEMENT_KEY]: JSON.stringify(placement) } } } },
	};
}

/** Puts back what the key held before and drops our annotations. */
export function releasePatch({ resourceVersion, topologyKey, restore }: CommandOf<"ReleaseWorkload">): DeploymentPatch {
	return {
		metadata: { resourceVersion, annotations: { [PREVIOUS_PLACEMENT_KEY]: null } },
		spec: {
			template: {
				metadata: { annotations: { [PLACEMENT_KEY]: null } },
				spec: { nodeSelector: { [topologyKey]: restore ?? null } },
			},
		},
	};
}
