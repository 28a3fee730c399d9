/**
 * `npm run docs:screens`: a picture of the plugin in a real terminal, for the README. It sets the demo's stage
 * (a real control plane, simulated nodes, the controller), runs commands in a pseudo-terminal, and draws what
 * they wrote. Needs Python 3 for the pseudo-terminal.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { Narrator } from "../demo/narrator.ts";
import { setUp } from "../demo/setup.ts";
import type { Telling } from "../demo/stage.ts";
import { userEnvironment } from "../demo/user.ts";
import { parseFlags } from "./arguments.ts";
import { ROOT } from "./run-part.ts";
import { renderScreens } from "./screen/svg.ts";

const COLUMNS = 110;
/** Every app measured and predicted, none of them moved yet. */
const SETTLE_MS = 25_000;
const COMMANDS = [
	"kubectl qos predict deploy/web -n shop",
	"kubectl qos recommend -n shop",
	"kubectl qos migrate deploy/web --to edge-1 --force -n shop --dry-run=server",
	"kubectl qos check",
];

parseFlags({}, "npm run docs:screens");
const beganAt = Date.now();
const dir = mkdtempSync(join(tmpdir(), "kubectl-qos-screens-"));
const telling: Telling = {
	narrator: new Narrator({
		write: (text) => void process.stderr.write(text),
		columns: COLUMNS,
		colour: false,
		elapsed: () => (Date.now() - beganAt) / 1000,
	}),
	stopped: new AbortController().signal,
	beganAt,
	dir,
	closing: [],
	pids: new Map(),
};
try {
	const { cluster } = await setUp(telling);
	await cluster.kubectl(["apply", "-k", join(ROOT, "demo/manifests/with")]);
	await delay(SETTLE_MS);
	const env = { ...process.env, ...userEnvironment(cluster) };
	const screens: { command: string; output: string }[] = [];
	for (const command of COMMANDS) screens.push({ command, output: await inTerminal(command, env) });
	writeFileSync(join(ROOT, "docs/images/plugin.svg"), renderScreens(screens));
} finally {
	for (const end of telling.closing) await end().catch((error: unknown) => console.error(error));
	rmSync(dir, { recursive: true, force: true });
}

/** Not synchronous: the simulated nodes live in this process. */
async function inTerminal(command: string, env: NodeJS.ProcessEnv): Promise<string> {
	const script = join(import.meta.dirname, "screen/session.py");
	const args = [script, String(COLUMNS), "sh", "-c", command];
	const { stdout } = await promisify(execFile)("python3", args, { env });
	return stdout;
}
