import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const LOADING = `
	import { readFileSync } from "node:fs";
	import { openSession } from "./src/adapters/onnx/session.ts";
	await openSession(readFileSync("models/headroom-minimize.onnx"));
	console.log("loaded");
	setTimeout(() => process.exit(0), 500);
`;

it("onnxruntime keeps no identifier of this machine, for it tells nobody about it", async () => {
	const home = mkdtempSync(join(tmpdir(), "kubectl-qos-home-"));
	try {
		// Not all of the environment: onnxruntime is silent of its own where CI is set.
		const env = { PATH: process.env["PATH"], HOME: home };
		const args = ["--input-type=module-typescript", "--eval", LOADING];
		const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
		expect(stdout).toBe("loaded\n");
		expect(readdirSync(home)).toEqual([]);
	} finally {
		rmSync(home, { recursive: true });
	}
});
