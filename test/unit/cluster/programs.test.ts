import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lackingWhereGiven, locate, type ProgramName, recipes } from "../../cluster/programs/programs.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "programs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function executable(name: string, mode = 0o755): string {
	const file = join(folder, name);
	writeFileSync(file, "", { mode });
	return file;
}

function found(name: ProgramName, given: Readonly<Record<string, string>>): string | undefined {
	const env = { XDG_CACHE_HOME: join(folder, "cache"), ...given };
	const recipe = recipes(env).find((candidate) => candidate.name === name);
	return recipe && locate(recipe, env);
}

describe("programs that are on the machine", () => {
	test("are taken from KUBEBUILDER_ASSETS, each that it holds", () => {
		const etcd = executable("etcd");
		expect(found("etcd", { KUBEBUILDER_ASSETS: folder })).toBe(etcd);
		expect(found("kwok", { KUBEBUILDER_ASSETS: folder })).toBeUndefined();
		expect(found("etcd", { KUBEBUILDER_ASSETS: "" })).toBeUndefined();
	});

	test("PROMETHEUS is its file or the folder that holds it", () => {
		const prometheus = executable("prometheus");
		expect(found("prometheus", { PROMETHEUS: prometheus })).toBe(prometheus);
		expect(found("prometheus", { PROMETHEUS: folder })).toBe(prometheus);
		expect(found("etcd", { PROMETHEUS: prometheus })).toBeUndefined();
	});

	test("what a folder that was given lacks is told in one line", () => {
		executable("etcd");
		executable("prometheus");
		expect(lackingWhereGiven({})).toEqual([]);
		expect(lackingWhereGiven({ KUBEBUILDER_ASSETS: folder, PROMETHEUS: folder })).toEqual([
			`KUBEBUILDER_ASSETS=${folder} lacks kube-apiserver, kube-controller-manager, kube-scheduler, kubectl, kwok: what is missing is built`,
		]);
		expect(lackingWhereGiven({ PROMETHEUS: join(folder, "none") })).toEqual([
			`PROMETHEUS=${folder}/none lacks prometheus: what is missing is built`,
		]);
	});

	test("what cannot be executed is no program", () => {
		executable("etcd", 0o644);
		mkdirSync(join(folder, "kwok"));
		expect(found("etcd", { KUBEBUILDER_ASSETS: folder })).toBeUndefined();
		expect(found("kwok", { KUBEBUILDER_ASSETS: folder })).toBeUndefined();
	});
});
