import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { COMMANDS as ALL } from "../../../cmd/kubectl-qos/commands/all.ts";
import { referencePages } from "../../../cmd/kubectl-qos/reference.ts";
import { runPlugin } from "../../../cmd/kubectl-qos/root.ts";
import { DEFAULT_CATALOGUE } from "../../../src/config/default-catalogue.ts";
import { recordingTerminal } from "./terminal.ts";

const COMMANDS = ALL.filter(({ hidden }) => hidden !== true);

async function run(line: string, environment: Readonly<Record<string, string>> = {}) {
	const { terminal, output } = recordingTerminal({ environment });
	const code = await runPlugin(line.split(" ").filter(Boolean), terminal);
	return { code, ...output };
}

describe("runPlugin", () => {
	it("lists its commands when asked for nothing", async () => {
		const { code, stdout, stderr } = await run("");
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name.split(" ")[0]} {3,}[A-Z].*$`, "m"));
	});

	it.each(COMMANDS.map(({ name }) => name))("helps with %s", async (name) => {
		const { code, stdout } = await run(`${name} --help`);
		expect(code).toBe(0);
		expect(stdout).toContain(`Usage:\n  kubectl qos ${name} `);
		expect(stdout).toContain("Examples:\n  # ");
		expect(await run(`help ${name}`)).toEqual(await run(`${name} --help`));
		expect(await run(`${name} -h`)).toEqual(await run(`${name} --help`));
	});

	it.each([
		["nope", 'error: unknown command "nope" for "kubectl qos"\nRun \'kubectl qos --help\' for usage.\n'],
		["predict --x", "error: unknown flag: --x\nSee 'kubectl qos predict --help' for usage.\n"],
		["predict --force", "error: unknown flag: --force\nSee 'kubectl qos predict --help' for usage.\n"],
		[
			"predict -o bogus",
			'error: unable to match a printer suitable for the output format "bogus", allowed formats are: custom-columns,custom-columns-file,json,jsonpath,jsonpath-file,name,wide,yaml\n',
		],
		[
			"migrate deploy/web --dry-run=foo",
			'error: Invalid dry-run value (foo). Must be "none", "server", or "client".\n',
		],
		["migrate deploy/web --dry-run=", 'error: Invalid dry-run value (). Must be "none", "server", or "client".\n'],
		["migrate", "error: name one Deployment: TYPE/NAME\nSee 'kubectl qos migrate --help' for usage.\n"],
		["migrate a b", "error: name one Deployment: TYPE/NAME\nSee 'kubectl qos migrate --help' for usage.\n"],
		[
			"migrate a --timeout soon",
			'error: invalid argument "soon" for "--timeout" flag: write a duration like 30s, 5m or 1h30m\nSee \'kubectl qos migrate --help\' for usage.\n',
		],
		["version extra", "error: extra arguments: [extra]\n"],
		["predict --kubeconfig /no/such", "error: stat /no/such: no such file or directory\n"],
	])("%s", async (line, stderr) => {
		expect(await run(line)).toEqual({ code: 1, stdout: "", stderr });
	});

	it("asks no cluster for its own version", async () => {
		expect(await run("version --client", { KUBECONFIG: "/no/such" })).toMatchObject({ code: 0, stderr: "" });
	});
});

it("has reference pages made from the commands as they are", () => {
	const folder = join(import.meta.dirname, "../../../docs/reference/kubectl-qos");
	const pages = referencePages();
	expect(readdirSync(folder).toSorted()).toEqual([...pages.keys()].toSorted());
	for (const [file, text] of pages) expect(readFileSync(join(folder, file), "utf8"), "npm run docs:build").toBe(text);
});

it("shows metrics that ship in its examples", () => {
	const lines = COMMANDS.flatMap(({ examples }) => examples.map(([line]) => line));
	const shown = lines.flatMap((line) => /--metric (\S+)/.exec(line)?.[1] ?? []);
	expect(shown).not.toEqual([]);
	expect(DEFAULT_CATALOGUE.map(({ name }) => name)).toEqual(expect.arrayContaining(shown));
});
