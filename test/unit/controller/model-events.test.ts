import { beforeAll, describe, expect, test } from "vitest";
import { ModelEvents } from "../../../src/controller/model-events.ts";
import type { Model, ModelRefusal, ModelResolution } from "../../../src/core/model/model.ts";
import { policy } from "../admission/world.ts";
import { headroomModels } from "../prediction/world.ts";

let headroom: Model;
beforeAll(async () => {
	headroom = (await headroomModels()).Minimize;
});

function version(version: string, kept?: ModelRefusal): ModelResolution {
	const model = { ...headroom, reference: { name: "m", version, sha256: version.repeat(64) } };
	return { refused: false, model, kept };
}

function refusal(reason: ModelRefusal["reason"], message: string = reason): ModelRefusal {
	return { refused: true, reason, message };
}

/** The events of one policy whose model resolves to one after another, as `reason: message`. */
function eventsOf(...resolutions: readonly ModelResolution[]): string[] {
	const events = new ModelEvents();
	return resolutions.flatMap((resolution) =>
		events.look([policy()], { resolve: () => resolution }).map(({ reason, message }) => `${reason}: ${message}`),
	);
}

describe("events on a policy about its model", () => {
	test("nothing is told of a model that stays what it is", () => {
		expect(eventsOf(refusal("Loading"), version("1"), version("1"))).toEqual([]);
	});

	test("a switch is told once", () => {
		expect(eventsOf(version("1"), version("2"), version("2"))).toEqual([
			"ModelSwitched: m 2 (sha256 222222222222) has replaced m 1 (sha256 111111111111)",
		]);
	});

	test("a registry that is out of reach is told once, whatever the words, and that it is back", () => {
		const kept = (words: string) => version("1", refusal("Unreachable", words));
		expect(eventsOf(version("1"), kept("refused"), kept("timed out"), version("1"), version("1"))).toEqual([
			"ModelKept: m 1 (sha256 111111111111) stays in service: refused",
			"ModelReady: m 1 (sha256 111111111111) is what the policy asks for again",
		]);
	});

	test("each version that is refused is told", () => {
		const kept = (words: string) => version("1", refusal("HashMismatch", words));
		expect(eventsOf(version("1"), kept("version 2"), kept("version 3"), kept("version 3"), version("4"))).toEqual([
			"ModelKept: m 1 (sha256 111111111111) stays in service: version 2",
			"ModelKept: m 1 (sha256 111111111111) stays in service: version 3",
			"ModelSwitched: m 4 (sha256 444444444444) has replaced m 1 (sha256 111111111111)",
		]);
	});

	test("a policy without a model, until it has one", () => {
		const missing = refusal("NotFound", "no alias");
		expect(eventsOf(refusal("Loading"), missing, missing, version("1"))).toEqual([
			"ModelRefused: no alias",
			"ModelReady: m 1 (sha256 111111111111) is in service",
		]);
	});

	test("a model kept since before the start is told", () => {
		expect(eventsOf(version("1", refusal("Unreachable", "down")))).toEqual([
			"ModelKept: m 1 (sha256 111111111111) stays in service: down",
		]);
	});

	test("what is forgotten with its policy is news with the next one", () => {
		const events = new ModelEvents();
		const models = { resolve: () => refusal("NotFound") };
		expect(events.look([policy()], models)).toHaveLength(1);
		expect(events.look([], models)).toHaveLength(0);
		expect(events.look([policy()], models)).toHaveLength(1);
	});
});
