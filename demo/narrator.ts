import type { StoryLine } from "./record.ts";
import { formatElapsed } from "./summary.ts";

/** Where the narrator speaks, and how. */
export interface Voice {
	write(text: string): void;
	/** Characters in a line. */
	readonly columns: number;
	readonly colour: boolean;
	/** Seconds since the story began. */
	elapsed(): number;
}

const INDENT = "      ";
/** Prose in longer lines is hard to read, however wide the terminal. */
const LONGEST_LINE = 100;
const CODES = { bold: "1", dim: "2", red: "31", green: "32", cyan: "36" } as const;
type Style = keyof typeof CODES;

/** Tells the story line by line, each with the time it is told at, and remembers what was told. */
export class Narrator {
	readonly told: StoryLine[] = [];
	private readonly voice: Voice;
	private chapters = 0;

	constructor(voice: Voice) {
		this.voice = voice;
	}

	elapsed(): number {
		return this.voice.elapsed();
	}

	/** A heading, numbered. */
	chapter(title: string): void {
		this.chapters++;
		const text = `${this.chapters}. ${title}`;
		this.remember("Chapter", text);
		const rule = "─".repeat(Math.max(3, Math.min(this.voice.columns, LONGEST_LINE) - text.length - 4));
		this.voice.write(`\n${this.paint(`─ ${text} `, "bold")}${this.paint(rule, "dim")}\n`);
	}

	say(text: string): void {
		this.remember("Line", text);
		this.timed(wrap(text, this.width()));
	}

	/** Something that the story waited for has come true. */
	done(text: string): void {
		this.remember("Line", text);
		const [first = "", ...rest] = wrap(text, this.width() - 2);
		this.timed([`${this.paint("✔", "green")} ${first}`, ...rest.map((line) => `  ${line}`)]);
	}

	failed(text: string): void {
		this.remember("Line", text);
		const [first = "", ...rest] = wrap(text, this.width() - 2);
		this.timed([`${this.paint("✘", "red")} ${first}`, ...rest.map((line) => `  ${line}`)]);
	}

	/** A command as a user types it, and what it printed. */
	command(line: string, output: string): void {
		this.remember("Command", `$ ${line}`);
		this.timed([this.paint(`$ ${line}`, "cyan")]);
		this.output(output);
	}

	/** What a program printed: rows of a table are cut at the terminal's edge, sentences are wrapped. */
	output(text: string): void {
		const lines = text.trimEnd().split("\n");
		this.remember("Output", lines.join("\n"));
		const width = this.voice.columns - INDENT.length;
		for (const line of lines.flatMap((whole) => fit(whole, width))) {
			this.voice.write(line === "" ? "\n" : `${INDENT}${line}\n`);
		}
	}

	/** Lines to be copied: neither cut nor wrapped, the terminal does that without harm. */
	verbatim(text: string): void {
		this.remember("Output", text);
		this.voice.write(`${text.replace(/^(?=.)/gm, INDENT)}\n`);
	}

	table(rows: readonly (readonly string[])[]): void {
		this.output(alignColumns(rows));
	}

	private timed([first = "", ...rest]: readonly string[]): void {
		const time = this.paint(formatElapsed(this.voice.elapsed()).padStart(4), "dim");
		this.voice.write(`${time}  ${first}\n${rest.map((line) => `${INDENT}${line}\n`).join("")}`);
	}

	private remember(kind: StoryLine["kind"], text: string): void {
		this.told.push({ at: this.voice.elapsed(), kind, text });
	}

	private width(): number {
		return Math.min(this.voice.columns, LONGEST_LINE) - INDENT.length;
	}

	private paint(text: string, style: Style): string {
		return this.voice.colour ? `\u001B[${CODES[style]}m${text}\u001B[0m` : text;
	}
}

/** Breaks text at spaces into lines of at most `width` characters; a longer word gets a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
	const lines: string[] = [];
	for (const word of text.split(/\s+/)) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(word);
	}
	return lines;
}

/** A line in the width there is: one with columns is cut, another is wrapped with its indentation kept. */
function fit(line: string, width: number): readonly string[] {
	if (line.length <= width) return [line];
	if (/\S {2,}\S/.test(line)) return [cut(line, width)];
	const indent = /^ */.exec(line)?.[0] ?? "";
	return wrap(line.trim(), width - indent.length - 2).map((part, index) => `${indent}${index > 0 ? "  " : ""}${part}`);
}

function cut(line: string, width: number): string {
	const characters = Array.from(line);
	return characters.length <= width ? line : `${characters.slice(0, width - 1).join("")}…`;
}

/** Columns two spaces apart; cells that are numbers stand to the right. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
	const count = rows.reduce((most, row) => Math.max(most, row.length), 0);
	const widths = Array.from({ length: count }, (_, column) =>
		rows.reduce((most, row) => Math.max(most, Array.from(row[column] ?? "").length), 0),
	);
	const isNumeric = widths.map((_, column) => rows.slice(1).every((row) => /^[\d–]/.test(row[column] ?? "")));
	return rows
		.map((row) =>
			widths
				.map((width, column) => {
					const cell = row[column] ?? "";
					return isNumeric[column] === true ? cell.padStart(width) : cell.padEnd(width);
				})
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}
