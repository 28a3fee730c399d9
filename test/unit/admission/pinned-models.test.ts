import { beforeAll, expect, test } from "vitest";
import { PinnedModels } from "../../../src/core/admission/pinned-models.ts";
import type { Model, ModelResolution } from "../../../src/core/model/model.ts";
import { headroomModels } from "../prediction/world.ts";
import { policy } from "./world.ts";

let headroom: Model;
beforeAll(async () => {
	headroom = (await headroomModels()).Minimize;
});

const REFUSED = { refused: true, reason: "Loading", message: "in a moment" } as const;

test("what was found stays, for as long as the policy is the same", () => {
	const later: Model = { ...headroom };
	let current: ModelResolution = { refused: false, model: headroom };
	const models = new PinnedModels({ resolve: () => current });
	const before = policy();
	expect(models.resolve(before.model, before.objective)).toMatchObject({ model: headroom });
	current = { refused: false, model: later };
	const modelOf = (of: ReturnType<typeof policy>) => {
		const resolution = models.resolve(of.model, of.objective);
		return resolution.refused ? undefined : resolution.model;
	};
	expect(modelOf(before)).toBe(headroom);
	expect(modelOf(policy({ objective: { ...before.objective } }))).toBe(later);
	expect(modelOf({ ...before, model: { kind: "File", name: "other" } })).toBe(later);
});

test("a refusal does not stay", () => {
	let current: ModelResolution = REFUSED;
	const models = new PinnedModels({ resolve: () => current });
	const { model, objective } = policy();
	expect(models.resolve(model, objective)).toBe(REFUSED);
	current = { refused: false, model: headroom };
	expect(models.resolve(model, objective)).toMatchObject({ model: headroom });
});
