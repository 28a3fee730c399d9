import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const ROOT = new URL("../..", import.meta.url);
const WRITTEN = ["models/forecast-minimize.onnx", "test/unit/models/forecast-golden.json"];

/** Minutes of one core and 400 MB of packages: on request only. */
it.runIf(process.env["KUBECTL_QOS_TRAINING"] === "1")(
	"training gives the models in the repository, byte for byte",
	async () => {
		const folder = await mkdtemp(join(tmpdir(), "kubectl-qos-training-"));
		try {
			const run = promisify(execFile);
			await run(process.execPath, ["training/main.ts", "forecast", "--output", folder], { cwd: ROOT });
			for (const file of WRITTEN) {
				const [made, kept] = await Promise.all([readFile(join(folder, file)), readFile(new URL(file, ROOT))]);
				expect(made.equals(kept), file).toBe(true);
			}
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	},
	30 * 60_000,
);
