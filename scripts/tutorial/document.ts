/** A fenced block of a Markdown document. */
export interface Block {
	/** First word after the fence, e.g. `sh`. */
	readonly language: string;
	/** The other words. */
	readonly attributes: readonly string[];
	readonly text: string;
	/** Index of the fence's line, from 0. */
	readonly line: number;
	/** Index of the closing fence's line. */
	readonly end: number;
}

/** A block of commands and what the document shows of its output. */
export interface Step {
	readonly commands: Block;
	readonly shown: Block | undefined;
	/** Whether it runs at the end, whatever happened before. */
	readonly cleansUp: boolean;
}

const FENCE = "```";

/** The fenced blocks of a document, in order. @throws Error when one is not closed */
export function blocksOf(markdown: string): Block[] {
	const blocks: Block[] = [];
	const lines = markdown.split("\n");
	for (let line = 0; line < lines.length; line++) {
		if (!lines[line]?.startsWith(FENCE)) continue;
		const end = lines.indexOf(FENCE, line + 1);
		if (end < 0) throw new Error(`line ${line + 1}: the block is not closed; end it with ${FENCE}`);
		const [language = "", ...attributes] = (lines[line] ?? "").slice(FENCE.length).trim().split(/\s+/);
		blocks.push({ language, attributes, text: lines.slice(line + 1, end).join("\n"), line, end });
		line = end;
	}
	return blocks;
}

/**
 * The `sh` blocks of a document, each with the `text` block that follows it. The block `sh cleanup` is
 * for the end.
 */
export function stepsOf(markdown: string): Step[] {
	const blocks = blocksOf(markdown);
	return blocks.flatMap((commands, index) => {
		if (commands.language !== "sh") return [];
		const next = blocks[index + 1];
		const shown = next?.language === "text" ? next : undefined;
		return [{ commands, shown, cleansUp: commands.attributes.includes("cleanup") }];
	});
}

/** The document with the output of each step in place of what it showed. */
export function withOutputs(markdown: string, steps: readonly Step[], outputs: readonly string[]): string {
	const lines = markdown.split("\n");
	for (let index = steps.length - 1; index >= 0; index--) {
		const shown = steps[index]?.shown;
		const output = outputs[index];
		if (shown === undefined || output === undefined) continue;
		lines.splice(shown.line + 1, shown.end - shown.line - 1, ...output.split("\n"));
	}
	return lines.join("\n");
}

/** Why a step's output is not what the document shows; only the first line must agree, and numbers in it may differ. */
export function difference(step: Step, output: string): string | undefined {
	if (step.shown === undefined) return undefined;
	const [expected, found] = [step.shown.text, output].map(firstLine);
	if (expected === found) return undefined;
	return `line ${step.commands.line + 1}: the output begins with ${JSON.stringify(found)}, the document shows ${JSON.stringify(expected)}; if that is right, run with --write`;
}

function firstLine(text: string): string {
	return (text.split("\n")[0] ?? "").replaceAll(/\d+/g, "#").replaceAll(/\s+/g, " ").trim();
}
