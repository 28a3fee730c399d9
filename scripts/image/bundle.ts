import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { LEAN, lean, packagesIn } from "../package/lean.ts";
import { ROOT } from "../run-part.ts";

/** Files of the bundle, in the folder that it was written to. */
export const MAIN = "controller.mjs";

/**
 * Writes the controller and its inference thread into a folder as a few modules that need no other packages than
 * onnxruntime-node. Models are expected in `models` beside them. Returns the packages that are in there.
 */
export async function bundleController(folder: string): Promise<readonly string[]> {
	const { metafile } = await build({
		absWorkingDir: ROOT,
		entryPoints: { controller: "cmd/qos-controller/main.ts", worker: "src/adapters/onnx/worker.ts" },
		outdir: folder,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		splitting: true,
		platform: "node",
		format: "esm",
		target: "node24",
		// Names stay, so that a stack trace in a report can be read.
		minifyWhitespace: true,
		minifySyntax: true,
		// Node prints the line of an error that nobody caught.
		lineLimit: 200,
		legalComments: "none",
		metafile: true,
		external: ["onnxruntime-node"],
		// Packages that are CommonJS ask for modules of Node by this function.
		banner: { js: 'import{createRequire as requireFor}from"node:module";const require=requireFor(import.meta.url);' },
		plugins: [lean(LEAN), besideTheBundle],
		logLevel: "warning",
	});
	return packagesIn(metafile);
}

/** What sources look for relative to themselves: where it is, relative to the bundle. */
const NEIGHBOURS: Readonly<Record<string, readonly [source: string, bundled: string]>> = {
	"registry.ts": ["../../../models", "./models"],
	"inference-thread.ts": ["./worker.ts", "./worker.mjs"],
};

const besideTheBundle: Plugin = {
	name: "beside-the-bundle",
	setup(bundler) {
		const files = join(ROOT, "src/adapters/onnx/");
		bundler.onLoad({ filter: /\/onnx\/(registry|inference-thread)\.ts$/ }, ({ path }) => {
			const [source, bundled] = NEIGHBOURS[basename(path)] ?? ["", ""];
			const text = readFileSync(path, "utf8");
			const address = (of: string) => `new URL("${of}", import.meta.url)`;
			if (!path.startsWith(files) || !text.includes(address(source))) {
				throw new Error(`${path} does not look for ${source} beside itself any more: mend scripts/image/bundle.ts`);
			}
			return { contents: text.replace(address(source), address(bundled)), loader: "ts" };
		});
	},
};
