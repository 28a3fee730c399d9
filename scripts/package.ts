/**
 * `npm run package [-- --platform NAME]...`: makes what is released of the plugin, in `dist/`: the npm package,
 * archives with a single executable for this platform and those that are named, checksums and a krew manifest.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { parseFlags } from "./arguments.ts";
import { archive, checksum } from "./package/archive.ts";
import { bundlePlugin } from "./package/bundle.ts";
import { buildExecutable } from "./package/executable.ts";
import { krewManifest } from "./package/krew.ts";
import { licences } from "./package/licences.ts";
import { npmPackage } from "./package/npm.ts";
import { FOREIGN, HERE, platformOf, withNodeFor } from "./package/platform.ts";
import { ROOT } from "./run-part.ts";

const DIST = join(ROOT, "dist");
const version = `v${manifest.version}`;

const others = foreignPlatforms();
rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST);
const { file: bundle, packages } = await bundlePlugin(DIST, "npm");
const { file: executableBundle } = await bundlePlugin(DIST, "executable");
const thirdParty = join(DIST, "THIRD_PARTY_LICENSES");
writeFileSync(thirdParty, licences(packages));
const archives = [
	{ name: HERE, file: pack(HERE, buildExecutable({ bundle: executableBundle, folder: DIST })) },
	...others.map((name) => ({ name, file: packForeign(name) })),
].map(({ name, file }) => ({ ...platformOf(name), file, sha256: checksum(join(DIST, file)) }));
const npm = npmPackage({ bundle, thirdParty, dist: DIST });
const sums = [{ file: npm, sha256: checksum(join(DIST, npm)) }, ...archives];
writeFileSync(join(DIST, "checksums.txt"), sums.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(""));
writeFileSync(join(DIST, "qos.yaml"), krewManifest(version, archives));
for (const { file } of sums) console.log(`dist/${file}`);
console.log("dist/checksums.txt\ndist/qos.yaml");

function foreignPlatforms(): readonly string[] {
	const platforms = { type: "string", multiple: true, default: [] as string[] } as const;
	const usage = `npm run package [-- --platform NAME]...; NAME is one of ${FOREIGN.join(", ")}`;
	const { values } = parseFlags({ options: { platform: platforms } }, usage);
	const unknown = values.platform.find((name) => !FOREIGN.some((known) => known === name));
	if (unknown !== undefined) {
		console.error(`--platform ${unknown}: here it can be made for ${FOREIGN.join(", ")}`);
		process.exit(2);
	}
	return [...new Set(values.platform)].filter((name) => name !== HERE);
}

function packForeign(name: string): string {
	const folder = mkdtempSync(join(tmpdir(), "kubectl-qos-foreign-"));
	try {
		return withNodeFor(name, (node) => pack(name, buildExecutable({ bundle: executableBundle, folder, node })));
	} finally {
		rmSync(folder, { recursive: true });
	}
}

function pack(name: string, executable: string): string {
	const { os, arch } = platformOf(name);
	return archive({ name: `kubectl-qos_${version}_${os}_${arch}.tar.gz`, executable, thirdParty, dist: DIST });
}
