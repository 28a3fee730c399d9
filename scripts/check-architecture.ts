/**
 * The import rules of .dependency-cruiser.mjs. A cruise that silently sees no file would pass, so this also checks
 * that it saw every source file, and that each rule catches a violation planted for it in a scratch folder.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS = ["src", "cmd", "certs", "simulation", "models"];

const cruiseSchema = z.object({
	modules: z.array(z.object({ source: z.string() })),
	summary: z.object({
		totalCruised: z.number(),
		violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
		ruleSetUsed: z.object({ forbidden: z.array(z.object({ name: z.string(), comment: z.string() })) }),
	}),
});
type Cruise = z.infer<typeof cruiseSchema>;

function cruise(folder: string): Cruise {
	const bin = join(ROOT, "node_modules", ".bin", "depcruise");
	const config = join(ROOT, ".dependency-cruiser.mjs");
	const present = FOLDERS.filter((name) => existsSync(join(folder, name)));
	const result = spawnSync(bin, ["--config", config, "--output-type", "json", ...present], {
		cwd: folder,
		encoding: "utf8",
		maxBuffer: 256 * 1024 * 1024,
	});
	if (result.stdout === "") throw new Error(`dependency-cruiser printed nothing: ${result.stderr}`);
	return cruiseSchema.parse(JSON.parse(result.stdout));
}

/** Source files that git tracks or would track. */
function sourceFiles(): string[] {
	const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--", ...FOLDERS], {
		cwd: ROOT,
		encoding: "utf8",
	});
	return list.split("\n").filter((file) => file.endsWith(".ts") && existsSync(join(ROOT, file)));
}

/** For each rule, files (by path, with their text) that break it. */
const PLANTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	"core-is-pure": { "src/core/planted.ts": 'import type { Stats } from "node:fs";\nexport type Planted = Stats;' },
	"adapters-stand-alone": {
		"src/adapters/one/planted.ts": 'import "../two/planted.ts";',
		"src/adapters/two/planted.ts": "",
	},
	"http-knows-nobody": { "src/http/planted.ts": 'import "../config/planted.ts";' },
	"files-know-nobody": { "src/files/planted.ts": 'import "../config/planted.ts";' },
	"api-knows-core-only": { "src/api/planted.ts": 'import "../config/planted.ts";', "src/config/planted.ts": "" },
	"backtest-is-pure": {
		"src/backtest/planted.ts": 'import type { Stats } from "node:fs";\nexport type Planted = Stats;',
	},
	"webhook-makes-no-calls": { "src/webhook/planted.ts": 'import "../adapters/two/planted.ts";' },
	"controller-talks-through-ports": { "src/controller/planted.ts": 'import "../adapters/two/planted.ts";' },
	"agent-talks-through-ports": { "src/agent/planted.ts": 'import "../adapters/two/planted.ts";' },
	"cmd-is-the-only-composer": { "certs/planted.ts": 'import "../cmd/planted.ts";', "cmd/planted.ts": "" },
	"world-is-apart": { "src/config/apart.ts": 'import "../../simulation/planted.ts";', "simulation/planted.ts": "" },
	"no-cycles": { "cmd/a.ts": 'import "./b.ts";', "cmd/b.ts": 'import "./a.ts";' },
};

function cruisePlanted(): Cruise {
	const folder = mkdtempSync(join(tmpdir(), "planted-"));
	try {
		for (const files of Object.values(PLANTED)) {
			for (const [path, content] of Object.entries(files)) {
				mkdirSync(dirname(join(folder, path)), { recursive: true });
				writeFileSync(join(folder, path), `${content}\nexport {};\n`);
			}
		}
		return cruise(folder);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

function problems(): string[] {
	const real = cruise(ROOT);
	const rules = new Map(real.summary.ruleSetUsed.forbidden.map((rule) => [rule.name, rule.comment]));
	const broken = real.summary.violations.map(
		({ from, to, rule }) => `${from} imports ${to}: ${rule.name} (${rules.get(rule.name)})`,
	);
	const seen = new Set(real.modules.map((module) => module.source));
	const files = sourceFiles();
	const unseen = files.filter((file) => !seen.has(file)).map((file) => `${file} was not looked at`);
	if (files.length === 0 || real.summary.totalCruised < files.length) {
		unseen.push(`only ${real.summary.totalCruised} modules were looked at, and there are ${files.length} source files`);
	}
	const caught = new Set(cruisePlanted().summary.violations.map(({ rule }) => rule.name));
	const blind = [...rules.keys()]
		.filter((name) => !caught.has(name))
		.map((name) => `${name} did not catch its planted violation`);
	return [...broken, ...unseen, ...blind];
}

const found = problems();
for (const problem of found) console.error(problem);
if (found.length > 0) process.exitCode = 1;
