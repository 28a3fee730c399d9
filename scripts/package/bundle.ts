import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { ROOT } from "../run-part.ts";
import { LEAN, lean, packagesIn, type StandIn } from "./lean.ts";

/** What a bundle is and which packages of node_modules it holds. */
export interface Bundle {
	readonly file: string;
	readonly packages: readonly string[];
}

/** `npm`: loaded by a launcher. `executable`: run once where it is built, and kept as a snapshot of memory. */
export type Entry = "npm" | "executable";

const ENTRIES: Readonly<Record<Entry, string>> = { npm: "bundle.ts", executable: "executable.ts" };

/**
 * One CommonJS file with all that the plugin needs, and nothing that it does not: what loads first decides
 * how long a user waits. Packages that only a rare kubeconfig needs are evaluated when it needs them.
 */
export async function bundlePlugin(dist: string, entry: Entry): Promise<Bundle> {
	const file = join(dist, `kubectl-qos-${entry}.cjs`);
	const { metafile } = await build({
		absWorkingDir: ROOT,
		entryPoints: [`cmd/kubectl-qos/${ENTRIES[entry]}`],
		outfile: file,
		bundle: true,
		platform: "node",
		format: "cjs",
		target: "node22.19",
		// Names stay, so that a stack trace in a report can be read.
		minifyWhitespace: true,
		minifySyntax: true,
		legalComments: "none",
		metafile: true,
		external: ["onnxruntime-node"],
		plugins: [lean([...LEAN, WITHOUT_MODELS]), withManifests, ...(entry === "executable" ? [lateBuiltins] : [])],
		logLevel: "warning",
	});
	return { file, packages: packagesIn(metafile) };
}

/** Its runtime is native and has a thread of its own in another file: a single file holds neither. */
const WITHOUT_MODELS: StandIn = {
	of: /\/onnx\/registry\.ts$/,
	from: /kubectl-qos/,
	contents: `import { PluginError } from "./cmd/kubectl-qos/errors.ts";
		export const FileModelRegistry = { open() { throw new PluginError("BadFile",
			"error: a trace of metrics needs models, which the packaged plugin does not carry; run 'npm run qos -- backtest' in the repository"); } };`,
};

const MANIFESTS = join(ROOT, "manifests/base");

/** The module that reads manifests, with their texts instead of a folder. */
function embeddedManifests(): string {
	const paths = readdirSync(MANIFESTS, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".yaml"));
	const texts = Object.fromEntries(paths.map((path) => [path, readFileSync(join(MANIFESTS, path), "utf8")]));
	return `const files = ${JSON.stringify(texts)};\nexport function manifestFile(path) { return files[path]; }`;
}

const withManifests: Plugin = {
	name: "with-manifests",
	setup(bundler) {
		bundler.onLoad({ filter: /kubectl-qos\/install\/files\.ts$/ }, () => ({ contents: embeddedManifests() }));
	},
};

/** Modules of Node that a snapshot can hold. */
const SNAPSHOT_SAFE = ["fs", "fs/promises", "os", "path", "process", "util", "v8"];

/** All others, above all those that open sockets, are loaded when one of their exports is first used. */
const lateBuiltins: Plugin = {
	name: "late-builtins",
	setup(bundler) {
		bundler.onResolve({ filter: /^(node:)?[a-z][a-z_/]*$/, namespace: "file" }, ({ path }) => {
			const name = path.replace(/^node:/, "");
			if (!builtinModules.includes(name) || SNAPSHOT_SAFE.includes(name)) return undefined;
			return { path: name, namespace: "late-builtin" };
		});
		bundler.onLoad({ filter: /.*/, namespace: "late-builtin" }, ({ path }) => ({ contents: lateModule(path) }));
	},
};

function lateModule(name: string): string {
	const keys = Object.keys(process.getBuiltinModule(name) ?? {}).filter((key) => key !== "default");
	return `const load = require;
		for (const key of ${JSON.stringify(keys)})
			Object.defineProperty(exports, key, { enumerable: true, get: () => load("${name}")[key] });`;
}
