import type { ModelRegistry, ModelResolution } from "../model/model.ts";
import type { ModelSelector, Objective } from "../policy/policy.ts";

/**
 * The models of one snapshot: what was found stays, also when another model is put into service meanwhile. Rankings that
 * were made ahead of need hold until the next snapshot is ready, and no admission waits for new ones. Where no model was
 * found, it is looked for again.
 */
export class PinnedModels implements ModelRegistry {
	private readonly models: ModelRegistry;
	/** Objectives and selectors are parts of a policy, which is another object once it is changed. */
	private readonly found = new WeakMap<Objective, { readonly selector: ModelSelector; readonly at: ModelResolution }>();

	constructor(models: ModelRegistry) {
		this.models = models;
	}

	resolve(selector: ModelSelector, objective: Objective): ModelResolution {
		const known = this.found.get(objective);
		if (known?.selector === selector) return known.at;
		const at = this.models.resolve(selector, objective);
		if (!at.refused) this.found.set(objective, { selector, at });
		return at;
	}
}
