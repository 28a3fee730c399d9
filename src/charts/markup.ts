const ESCAPES: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
};

/** Text as HTML or SVG content, or as a quoted attribute's value. */
export function escapeText(text: string): string {
	return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** A pixel position, to a tenth. */
export function pixels(value: number): string {
	return String(Math.round(value * 10) / 10);
}
