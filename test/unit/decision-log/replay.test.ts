import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logLine, parseLogEntry } from "../../../src/adapters/decision-log/schema.ts";
import { decisionEntry } from "../../../src/core/decision-log/decision.ts";
import type { DecisionEntry } from "../../../src/core/decision-log/entry.ts";
import { isSame, replay } from "../../../src/core/decision-log/replay.ts";
import { input } from "../recommendation/builders.ts";
import { evaluated, inputs, OUTCOME } from "./world.ts";

/** As it comes back from a file. */
function written(entry: DecisionEntry): DecisionEntry {
	const parsed = parseLogEntry(JSON.parse(logLine(entry)));
	if (!parsed.ok) throw new Error(parsed.message);
	if (parsed.entry.kind !== "Decision") throw new Error("another kind of entry");
	return parsed.entry;
}

describe("a replay", () => {
	it("decides the same from the log alone, however few candidates are kept", () => {
		fc.assert(
			fc.property(inputs, fc.integer({ min: 1, max: 25 }), (tried, limit) => {
				const entry = written(decisionEntry(evaluated(tried), limit));
				const again = replay(entry);
				expect([again.decision.action, again.decision.reason, again.recommended?.node]).toEqual([
					entry.decision.action,
					entry.decision.reason,
					entry.recommended?.node,
				]);
				expect(isSame(entry, again)).toBe(true);
			}),
			{ numRuns: 2000 },
		);
	});

	it("is the same every time", () => {
		fc.assert(
			fc.property(inputs, (tried) => {
				const entry = written(decisionEntry(evaluated(tried), 5));
				expect(replay(entry)).toEqual(replay(entry));
			}),
		);
	});

	it("tells a decision that is another one now", () => {
		const entry = written(decisionEntry(evaluated(input()), 20));
		expect(entry.decision.action).toBe("Move");
		const later = { ...entry, input: { ...entry.input, standing: { ...entry.input.standing, coolingUntil: 1e15 } } };
		expect(isSame(later, replay(later))).toBe(false);
	});
});

describe("an entry", () => {
	it("keeps at most so many candidates, the current one on top", () => {
		const many = input();
		expect(decisionEntry(evaluated(many), 1).input.candidates.map(({ node }) => node)).toEqual(["a", "b"]);
	});

	it("comes back from its line as it was", () => {
		const parsed = parseLogEntry(JSON.parse(logLine(OUTCOME)));
		expect(parsed).toEqual({ ok: true, entry: OUTCOME });
	});

	it("that is none is refused by the field's path", () => {
		const line = JSON.parse(logLine(decisionEntry(evaluated(input()), 20))) as Record<string, unknown>;
		expect(parseLogEntry({ ...line, input: { ...(line["input"] as object), occupied: 3 } })).toMatchObject({
			ok: false,
			message: expect.stringMatching(/^input\.occupied: /),
		});
	});
});
