import { expect, it } from "vitest";
import { recommend } from "../../../src/core/recommendation/recommend.ts";
import { candidate, type InputChanges, input, predicted } from "./builders.ts";

/** What is known well ranks before it. */
const UNSURE = { ...input().current, predicted: predicted(150, 99) };

it.each<[string, InputChanges, string]>([
	[
		"a small gain, and what is needed",
		{ candidates: [candidate("b", predicted(141, 1))], streak: undefined },
		"b: expected gain 9% (latency 150 -> 141); needed: 10% (minGain), or that it lasts for 67m more",
	],
	[
		"a small gain in doubt",
		{ candidates: [candidate("b", predicted(141))], current: UNSURE },
		"b: expected gain 9% (latency 150 -> 141); needed: 10% (minGain)",
	],
	[
		"a gain in doubt: which number is which",
		{ candidates: [candidate("b", predicted(100, 122))] },
		"b: expected gain 50% (latency 150 -> 100), lower bound -45.4% at 90% confidence; needed: a lower bound above 0.667%, the cost of a move",
	],
	[
		"a place that ranks first because it is known well, and is expected to be worse",
		{ candidates: [candidate("a", predicted(150, 99)), candidate("b", predicted(195))], current: UNSURE },
		"b, the best other place by the worse end of its interval, is not expected to be better: expected gain -45% (latency 150 -> 195)",
	],
])("tells of %s", (_title, changes, message) => {
	expect(recommend(input(changes)).decision.message).toBe(message);
});
