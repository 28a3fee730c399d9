const CELL = { width: 8.4, height: 18 };
const PADDING = 16;
const ESCAPE = String.fromCharCode(27);
/** Select Graphic Rendition, and any other control sequence. */
const SEQUENCE = new RegExp(`${ESCAPE}\\[([0-9;?]*)([A-Za-z])`, "g");
const COLOURS: Readonly<Record<string, string>> = {
	"31": "#ff7b72",
	"32": "#7ee787",
	"33": "#e3b341",
	"34": "#79c0ff",
	"36": "#76e3ea",
	"90": "#8b949e",
};

/** A picture of what terminals showed: a prompt with each command, and its output as it was. */
export function renderScreens(screens: readonly { readonly command: string; readonly output: string }[]): string {
	const lines = screens.flatMap(({ command, output }) => [
		`<tspan fill="#7ee787">$</tspan> <tspan font-weight="bold">${escape(command)}</tspan>`,
		...output.replaceAll("\r", "").trimEnd().split("\n").map(styled),
		"",
	]);
	const columns = Math.max(...screens.flatMap(({ command, output }) => [command.length + 2, ...lengths(output)]));
	const width = Math.ceil(columns * CELL.width + 2 * PADDING);
	const height = lines.length * CELL.height + 2 * PADDING;
	const text = lines.map((line, index) => {
		const y = PADDING + (index + 0.75) * CELL.height;
		return `<text x="${PADDING}" y="${y}" xml:space="preserve">${line}</text>`;
	});
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
		`<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
		`<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">`,
		...text,
		"</g>",
		"</svg>",
		"",
	].join("\n");
}

function lengths(output: string): readonly number[] {
	return output
		.replaceAll(SEQUENCE, "")
		.split("\n")
		.map((line) => line.trimEnd().length);
}

function styled(line: string): string {
	let colour: string | undefined;
	let result = "";
	let from = 0;
	const append = (text: string) => {
		if (text !== "") result += colour === undefined ? escape(text) : `<tspan fill="${colour}">${escape(text)}</tspan>`;
	};
	for (const match of line.matchAll(SEQUENCE)) {
		append(line.slice(from, match.index));
		from = match.index + match[0].length;
		if (match[2] === "m")
			colour = (match[1] ?? "")
				.split(";")
				.map((code) => COLOURS[code])
				.findLast((known) => known !== undefined);
	}
	append(line.slice(from));
	return result;
}

function escape(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
