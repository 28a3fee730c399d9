import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { type Copy, DockerfileParser, type From, type Instruction } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const TEXT = read("Containerfile");
const { dependencies, devDependencies } = JSON.parse(read("package.json"));

const containerfile = DockerfileParser.parse(TEXT);
const stages: Instruction[][] = [];
for (const instruction of containerfile.getInstructions()) {
	if (instruction.getKeyword() === "FROM") stages.push([]);
	stages.at(-1)?.push(instruction);
}
/** What the image consists of; earlier stages only feed it. */
const image = stages.at(-1) ?? [];

function argumentsOf(keyword: string, instructions = containerfile.getInstructions()): string[] {
	return instructions.filter((one) => one.getKeyword() === keyword).map((one) => one.getArgumentsContent() ?? "");
}

/** Files and folders of the repository that a stage copies. */
function copied(instructions: readonly Instruction[]): string[] {
	return instructions
		.filter((one): one is Copy => one.getKeyword() === "COPY")
		.filter((copy) => copy.getFromFlag() === null)
		.flatMap((copy) => copy.getArguments().slice(0, -1))
		.map((argument) => argument.getValue());
}

describe("the Containerfile", () => {
	test("has nothing to complain of", () => {
		expect(validate(TEXT)).toEqual([]);
	});

	test("starts from the Node that the tests run on, by its full name", () => {
		const bases = containerfile.getInstructions().filter((one): one is From => one.getKeyword() === "FROM");
		expect(bases.length).toBeGreaterThan(0);
		for (const base of bases) {
			expect(base.getImage()).toBe(`docker.io/library/node:${devDependencies.node}-bookworm-slim`);
		}
	});

	test("installs production dependencies only, exactly those that are locked", () => {
		const installing = argumentsOf("RUN").filter((command) => /\bnpm (ci|i|install)\b/.test(command));
		expect(installing).toHaveLength(1);
		expect(installing[0]).toMatch(/^npm ci --omit=dev /);
	});

	test("copies what exists and is not ignored, file by file", () => {
		const ignored = read(".dockerignore").split("\n").filter(Boolean);
		const sources = stages.flatMap(copied);
		expect(sources.length).toBeGreaterThan(0);
		for (const source of sources) {
			expect([source, existsSync(join(ROOT, source))]).toEqual([source, true]);
			expect(ignored).not.toContain(source.split("/")[0]);
			expect(source).not.toBe(".");
		}
		expect(argumentsOf("ADD")).toEqual([]);
	});

	test("copies everything that the controller imports; its packages are production dependencies", async () => {
		const [, main = ""] = JSON.parse(argumentsOf("ENTRYPOINT", image)[0] ?? "[]");
		const { metafile } = await build({
			absWorkingDir: ROOT,
			entryPoints: [main],
			bundle: true,
			write: false,
			metafile: true,
			platform: "node",
			format: "esm",
			packages: "external",
		});
		const copies = copied(image);
		const isCopied = (file: string) => copies.some((path) => file === path || file.startsWith(`${path}/`));
		const inputs = Object.entries(metafile.inputs);
		const missing = inputs.map(([file]) => file).filter((file) => !isCopied(file));
		expect(missing).toEqual([]);
		const packages = inputs.flatMap(([, { imports }]) => imports.filter(({ external }) => external));
		const names = packages.map(({ path }) => /^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path);
		expect(names.filter((name) => !isBuiltin(name) && !Object.hasOwn(dependencies, name))).toEqual([]);
	});

	test("runs as somebody who is not root, and gets signals itself", () => {
		expect(argumentsOf("USER", image).at(-1)).toMatch(/^[1-9]\d*:[1-9]\d*$/);
		const entrypoints = argumentsOf("ENTRYPOINT", image);
		expect(entrypoints).toHaveLength(1);
		expect(JSON.parse(entrypoints[0] ?? "")).toEqual(["node", expect.stringMatching(/\.ts$/)]);
		expect(argumentsOf("CMD")).toEqual([]);
	});

	test("holds no secrets", () => {
		const settings = [...argumentsOf("ENV"), ...argumentsOf("ARG"), ...stages.flatMap(copied)].join("\n");
		expect(settings).not.toMatch(/secret|token|passw|credential|\.pem|\.key|kubeconfig|\.env\b/i);
	});
});
