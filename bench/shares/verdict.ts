import type { Row } from "./rows.ts";
import { CLIFF, EXPECTATIONS } from "./situations.ts";

export interface Verdict {
	readonly what: string;
	readonly holds: boolean;
}

/** Differences below this share are none. */
const MATTERS = 0.25;
/** A predicted slowdown is right within this factor. */
const WITHIN = 2;

type Source = (row: Row) => number;

const MEASURED: Source = ({ seen }) => seen.measured;
const PREDICTED: Readonly<Record<"before" | "there", Source>> = {
	before: ({ before }) => before?.value ?? Number.NaN,
	there: ({ there }) => there?.value ?? Number.NaN,
};

/** Orders and ratios, not milliseconds: what should be so, by measurement and by both predictions, and how alike these are. */
export function verdicts(rows: readonly Row[], alone: Row): readonly Verdict[] {
	const expected = EXPECTATIONS.flatMap(({ what, worse, better, atLeast = 0, atMost = Number.POSITIVE_INFINITY }) => {
		const [one, other] = [worse, better].map((name) => rows.find(({ situation }) => situation.name === name));
		if (!one || !other) return [];
		const ratios = [MEASURED, PREDICTED.before, PREDICTED.there].map((source) => source(one) / source(other));
		const [measured, before, there] = ratios.map((ratio) => Number(ratio.toPrecision(3)));
		return {
			what: `${what}: measured ${measured} times, predicted ${before} before, ${there} there`,
			holds: ratios.every((ratio) => ratio >= atLeast && ratio <= atMost),
		};
	});
	const alike = Object.entries(PREDICTED).flatMap(([when, predicted]) => [
		orderOf(rows, { when, predicted, alone }),
		factorsOf(rows, { when, predicted, alone }),
	]);
	return [...expected, ...alike];
}

interface Question {
	readonly when: string;
	readonly predicted: Source;
	readonly alone: Row;
}

/** How many times slower than alone; beyond the cliff it does not matter how many. */
function slowdown(row: Row, source: Source, alone: Row): number {
	return Math.min(source(row) / source(alone), CLIFF);
}

/** Whether what took longer was predicted to. */
function orderOf(rows: readonly Row[], { when, predicted, alone }: Question): Verdict {
	const measured = (row: Row): number => slowdown(row, MEASURED, alone);
	const pairs = rows.flatMap((slow) => rows.map((fast) => [slow, fast] as const));
	const different = pairs.filter(([slow, fast]) => measured(slow) > (1 + MATTERS) * measured(fast));
	const wrong = different.filter(([slow, fast]) => !(predicted(slow) > predicted(fast)));
	const named = wrong.map(([slow, fast]) => `${slow.situation.name} < ${fast.situation.name}`).join(", ");
	const what = `${when}: ${different.length - wrong.length} of ${different.length} pairs that differ are predicted in their order`;
	return { what: named === "" ? what : `${what}; not ${named}`, holds: wrong.length <= 0.05 * different.length };
}

/** Whether situations slow the app down about as much as predicted. */
function factorsOf(rows: readonly Row[], { when, predicted, alone }: Question): Verdict {
	const wrong = rows.filter((row) => {
		const off = slowdown(row, predicted, alone) / slowdown(row, MEASURED, alone);
		return !(off <= WITHIN && off >= 1 / WITHIN);
	});
	const named = wrong.map(({ situation }) => situation.name).join(", ");
	const what = `${when}: ${rows.length - wrong.length} of ${rows.length} slowdowns are predicted within a factor of ${WITHIN}, or as cliffs`;
	return { what: named === "" ? what : `${what}; not ${named}`, holds: wrong.length === 0 };
}
