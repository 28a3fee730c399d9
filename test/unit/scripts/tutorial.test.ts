import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blocksOf, difference, stepsOf, withOutputs } from "../../../scripts/tutorial/document.ts";
import { runSteps } from "../../../scripts/tutorial/run.ts";

const DOCUMENT = `# Title
\`\`\`sh
name=world
echo "hello $name"
\`\`\`
\`\`\`text
hello world
\`\`\`
Words.
\`\`\`yaml
a: 1
\`\`\`
\`\`\`sh
echo "12 of $name"
\`\`\`
\`\`\`text
11 of world
and more
\`\`\`
\`\`\`sh cleanup
echo gone > "$MARKER"
\`\`\`
`;

let folder = "";
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "tutorial-"));
});
afterAll(() => rm(folder, { recursive: true }));

function run(document: string) {
	return runSteps(stepsOf(document), { root: folder, script: join(folder, "script.sh"), onOutput: () => undefined });
}

test("steps are the blocks of commands, each with the output that the document shows", () => {
	const steps = stepsOf(DOCUMENT);
	expect(steps.map(({ shown, cleansUp }) => [shown?.text, cleansUp])).toEqual([
		["hello world", false],
		["11 of world\nand more", false],
		[undefined, true],
	]);
});

test("a block that is not closed is named by its line", () => {
	expect(() => blocksOf("a\n```sh\nls")).toThrow("line 2: the block is not closed");
});

test("all steps run in one shell, and what they print may differ in numbers only", async () => {
	const { outputs, failed } = await run(DOCUMENT.replace('"$MARKER"', "marker"));
	expect(failed).toBeUndefined();
	expect(outputs).toEqual(["hello world", "12 of world"]);
	const steps = stepsOf(DOCUMENT);
	expect(steps.slice(0, 2).map((step, index) => difference(step, outputs[index] ?? ""))).toEqual([
		undefined,
		undefined,
	]);
	expect(difference(steps[0] as never, "good bye")).toContain('line 2: the output begins with "good bye"');
});

test("a step that fails ends the run and is named; the cleanup runs all the same", async () => {
	const failing = DOCUMENT.replace('echo "12', 'false; echo "12').replace('echo gone > "$MARKER"', "sleep 0.01");
	const { outputs, failed } = await run(failing);
	expect(failed).toBe(1);
	expect(outputs).toEqual(["hello world", ""]);
});

test("outputs replace what the document showed, and nothing else", () => {
	const steps = stepsOf(DOCUMENT).filter(({ cleansUp }) => !cleansUp);
	const written = withOutputs(DOCUMENT, steps, ["hello world", "12 of world"]);
	expect(written).toBe(DOCUMENT.replace("11 of world\nand more", "12 of world"));
});
