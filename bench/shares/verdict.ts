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

const MEASURED: Source = ({ seen }) => seen.latency;
const PREDICTED: Readonly<Record<"before" | "there", Source>> = {
	before: ({ before }) => before?.value ?? Number.NaN,
	there: ({ there }) => there?.value ?? Number.NaN,
};

/** Orders and ratios, not milliseconds: what should be so, by measurement and by both predictions, and how alike these are. */
export function verdicts(rows: readonly Row[], alone: Row): readonly Verdict[] {
	const sources = { measured: MEASURED, ...PREDICTED };
	const expected = EXPECTATIONS.flatMap(({ what, worse, better, atLeast = 0, atMost = Number.POSITIVE_INFINITY }) => {
		const [one, other] = [worse, better].map((name) => rows.find(({ situation }) => situation.name === name));
		if (!one || !other) return [];
		return Object.entries(sources).map(([by, source]) => {
			const ratio = source(one) / source(other);
			return { what: `${what}, ${by}: ${ratio.toPrecision(3)} times`, holds: ratio >= atLeast && ratio <= atMost };
		});
	});
	const alike = Object.entries(PREDICTED).flatMap(([when, predicted]) => [
		orderOf(rows, when, predicted),
		factorsOf(rows, { when, predicted, alone }),
	]);
	return [...expected, ...alike];
}

/** Whether what took longer was predicted to. */
function orderOf(rows: readonly Row[], when: string, predicted: Source): Verdict {
	const pairs = rows.flatMap((slow) => rows.map((fast) => [slow, fast] as const));
	const different = pairs.filter(([slow, fast]) => MEASURED(slow) > (1 + MATTERS) * MEASURED(fast));
	const right = different.filter(([slow, fast]) => predicted(slow) > predicted(fast));
	const what = `${when}: ${right.length} of ${different.length} pairs that differ are predicted in their order`;
	return { what, holds: right.length >= 0.95 * different.length };
}

/** Whether situations slow the app down about as much as predicted; beyond the cliff it does not matter how far. */
function factorsOf(
	rows: readonly Row[],
	{ when, predicted, alone }: { readonly when: string; readonly predicted: Source; readonly alone: Row },
): Verdict {
	const right = rows.filter((row) => {
		const [is, was] = [MEASURED, predicted].map((source) => Math.min(source(row) / source(alone), CLIFF)) as [
			number,
			number,
		];
		return is / was <= WITHIN && was / is <= WITHIN;
	});
	const what = `${when}: ${right.length} of ${rows.length} slowdowns are predicted within a factor of ${WITHIN}, or as cliffs`;
	return { what, holds: right.length === rows.length };
}
