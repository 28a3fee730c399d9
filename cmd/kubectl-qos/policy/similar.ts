/** The candidate that `word` was most likely meant to be; `undefined` when none is near. */
export function similar(word: string, candidates: readonly string[]): string | undefined {
	const limit = Math.max(1, Math.floor(word.length / 3));
	const [nearest] = candidates
		.map((candidate) => ({ candidate, away: distance(word.toLowerCase(), candidate.toLowerCase()) }))
		.filter(({ away }) => away <= limit)
		.sort((left, right) => left.away - right.away);
	return nearest?.candidate;
}

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function distance(from: string, to: string): number {
	const rows = Array.from({ length: from.length + 1 }, (_, row) => [row]);
	const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
	for (let column = 1; column <= to.length; column += 1) {
		rows[0]?.push(column);
		for (let row = 1; row <= from.length; row += 1) {
			const same = from[row - 1] === to[column - 1];
			const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
			rows[row]?.push(
				Math.min(
					at(row - 1, column) + 1,
					at(row, column - 1) + 1,
					at(row - 1, column - 1) + (same ? 0 : 1),
					swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
				),
			);
		}
	}
	return at(from.length, to.length);
}
