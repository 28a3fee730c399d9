/** Moves the cursor, sets colours and titles, or turns the direction of what follows. Line feeds and tabs do not count. */
const DRIVING = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/** Text from a cluster or a file must not drive the terminal. */
export function withoutControls(text: string): string {
	return isAscii(text) ? text : text.replaceAll(DRIVING, "");
}

/** The same on one line: what stands in a cell or a sentence must not break it either. */
export function printable(text: string): string {
	if (isAscii(text)) return text;
	return withoutControls(text.replaceAll(/\s+/g, (gap) => (/^ +$/.test(gap) ? gap : " ")));
}

/** Nothing but ASCII that is seen, as nearly always: then there is nothing to look for. */
export function isAscii(text: string): boolean {
	return /^[\x20-\x7e]*$/.test(text);
}
