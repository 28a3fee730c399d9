const PERCENT = /^(\d{1,6}(?:\.\d{1,6})?)%$/;

/** The share that a percentage stands for (`10%` is 0.1); `undefined` when the text is none. */
export function parsePercent(text: string): number | undefined {
	const match = PERCENT.exec(text);
	return match ? Number(match[1]) / 100 : undefined;
}
