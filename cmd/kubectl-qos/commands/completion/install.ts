import { accessSync, constants, lstatSync, readlinkSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { badFile, usage } from "../../errors.ts";
import type { Terminal } from "../../terminal.ts";

const PLUGIN = "kubectl-qos";
const LINK = "kubectl_complete-qos";

/** Links the name that kubectl asks for completions to the plugin. @throws PluginError */
export function install(dir: string | undefined, terminal: Terminal): void {
	const folders = (terminal.environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
	const home = folders.find((folder) => isExecutable(join(folder, PLUGIN)));
	if (home === undefined) throw usage(`${PLUGIN} is in no folder of PATH: put it there first`);
	const link = join(resolve(dir ?? home), LINK);
	const target = realpathSync(join(home, PLUGIN));
	if (isLinkTo(link, target)) terminal.write(`${link} is there already\n`);
	else makeLink(link, target, terminal);
	if (!folders.some((folder) => resolve(folder) === resolve(dir ?? home))) {
		terminal.note(`warning: ${resolve(dir ?? home)} is not on PATH: kubectl will not find ${LINK} there`);
	}
	terminal.note(
		"kubectl's own completion must be loaded in your shell, for example: source <(kubectl completion bash)",
	);
}

function makeLink(link: string, target: string, terminal: Terminal): void {
	try {
		// Only a link of ours may be replaced.
		if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(link);
		symlinkSync(target, link);
	} catch (error) {
		throw badFile(link, `${error instanceof Error ? error.message : String(error)}; choose a folder with --dir`);
	}
	terminal.write(`${link} created\n`);
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

function isLinkTo(link: string, target: string): boolean {
	try {
		return readlinkSync(link) !== "" && realpathSync(link) === target;
	} catch {
		return false;
	}
}
