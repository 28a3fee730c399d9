import { join } from "node:path";
import type { Metafile, Plugin } from "esbuild";
import { ROOT } from "../run-part.ts";

/** What takes the place of a module. */
export interface StandIn {
	/** Paths as they are imported, and the paths of the files that import them. */
	readonly of: RegExp;
	readonly from: RegExp;
	/** A module; what it imports is looked for from the root. */
	readonly contents: string;
}

/** Modules that are much larger than what is used of them. */
export const LEAN: readonly StandIn[] = [
	// 16 MB of generated API; a kubeconfig's credentials need none of it.
	{
		of: /\/gen\/index\.js$/,
		from: /client-node/,
		contents: "export function createConfiguration() {} export class ServerConfiguration {}",
	},
	// Error messages in forty languages; ours are read by one program.
	{ of: /\/locales\/index\.js$/, from: /[/\\]zod[/\\]/, contents: "export {};" },
];

const KUBECONFIG_READER = join(ROOT, "node_modules/@kubernetes/client-node/dist/config.js");

/** Of the Kubernetes client nothing but the reader of kubeconfigs, and stand-ins. */
export function lean(standIns: readonly StandIn[]): Plugin {
	return {
		name: "lean",
		setup(bundler) {
			bundler.onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({ path: KUBECONFIG_READER }));
			for (const { of, from, contents } of standIns) {
				bundler.onResolve({ filter: of }, ({ importer }) =>
					from.test(importer) ? { path: of.source, namespace: "stand-in", pluginData: contents } : undefined,
				);
			}
			bundler.onLoad({ filter: /.*/, namespace: "stand-in" }, ({ pluginData }) => ({
				contents: String(pluginData),
				resolveDir: ROOT,
			}));
		},
	};
}

/** The packages of which something is in the bundle: their folders below the root, sorted. */
export function packagesIn({ outputs }: Metafile): readonly string[] {
	const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
	const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => packageOf(path));
	return [...new Set(used.filter((name) => name !== undefined))].sort();
}

/** The folder of the package that a file belongs to, below the root; `undefined`: a file of ours. */
function packageOf(path: string): string | undefined {
	return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}
