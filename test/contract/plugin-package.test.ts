import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import manifest from "../../package.json" with { type: "json" };
import { runTool } from "../../scripts/run-part.ts";
import { findGo } from "../cluster/programs/go.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const DIST = join(ROOT, "dist");
const VERSION = `v${manifest.version}`;
let folder: string;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "kubectl-qos-package-"));
	const { code, output } = await runTool("node", ["scripts/package.ts"], "captured");
	expect(output).toContain("dist/qos.yaml");
	expect(code).toBe(0);
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function version(file: string, env: NodeJS.ProcessEnv = process.env) {
	return run(file, ["version", "--client"], { env });
}

describe("the single executable", () => {
	const file = join(DIST, "kubectl-qos");

	it("minds neither NODE_OPTIONS of other programs nor a HOME that it cannot write", async () => {
		const home = join(folder, "home");
		await run("mkdir", [home]);
		chmodSync(home, 0o500);
		const { stdout, stderr } = await version(file, { HOME: home, NODE_OPTIONS: "--bad --require /no/such" });
		expect(stdout).toContain(`Client Version: ${VERSION}\n`);
		expect(stderr).toBe("");
	});

	it("answers to a second name through a symlink", async () => {
		const link = join(folder, "kubectl-anything");
		symlinkSync(file, link);
		expect((await version(link)).stdout).toContain(VERSION);
	});

	it("has its errors and exit codes", async () => {
		const failing = run(file, ["predict", "--nope"]);
		await expect(failing).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("unknown flag: --nope") });
	});
});

describe("the npm package", () => {
	it("runs where it is unpacked, without node_modules, and carries the licences", async () => {
		await run("tar", ["-xzf", join(DIST, `kubectl-qos-${manifest.version}.tgz`), "-C", folder]);
		const unpacked = join(folder, "package");
		const { stdout } = await run(process.execPath, [join(unpacked, "kubectl-qos.js"), "version", "--client"]);
		expect(stdout).toContain(`Client Version: ${VERSION}\n`);
		const licences = readFileSync(join(unpacked, "THIRD_PARTY_LICENSES"), "utf8");
		for (const name of ["zod", "yaml"]) expect(licences).toMatch(new RegExp(`^${name} \\d`, "m"));
		expect(readFileSync(join(unpacked, "LICENSE"), "utf8")).toContain("Apache License");
		// The generated client of the whole Kubernetes API, and the runtime for models, would take 16 MB and 200 ms.
		expect(readFileSync(join(unpacked, "kubectl-qos.cjs")).length).toBeLessThan(3_000_000);
	});
});

describe("the release", () => {
	it("has the checksums of its files", async () => {
		const { stdout } = await run("sha256sum", ["--check", "checksums.txt"], { cwd: DIST });
		expect(stdout.trim().split("\n")).toHaveLength(2);
		expect(stdout).not.toContain("FAILED");
	});

	it("has a manifest that krew's own check accepts, and krew installs it", async () => {
		const file = join(DIST, "qos.yaml");
		const [platform] = parse(readFileSync(file, "utf8")).spec.platforms;
		const archive = join(DIST, platform.uri.split("/").at(-1));
		const check = await built("validate-krew-manifest");
		const { stderr } = await run(check, ["-manifest", file, "-skip-install"]);
		expect(stderr).toContain("structural validation OK");
		const env = { ...process.env, KREW_ROOT: join(folder, "krew-root") };
		await run(await built("krew"), ["install", `--manifest=${file}`, `--archive=${archive}`], { env });
		expect((await version(join(folder, "krew-root/bin/kubectl-qos"))).stdout).toContain(VERSION);
	}, 240_000);
});

/** A program of krew's module; the first time on a machine it is compiled. */
async function built(program: string): Promise<string> {
	const go = await findGo("1.26.0", { say: () => undefined, interruption: new AbortController().signal });
	const output = join(folder, program);
	const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" };
	const cwd = join(ROOT, "test/cluster/programs/krew");
	await run(go, ["build", "-trimpath", "-o", output, `sigs.k8s.io/krew/cmd/${program}`], { cwd, env });
	return output;
}
