/**
 * `npm run package`: makes what is released of the plugin, in `dist/`: the npm package, one archive with a
 * single executable for this platform, checksums and a krew manifest.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { archive, checksum } from "./package/archive.ts";
import { bundlePlugin } from "./package/bundle.ts";
import { buildExecutable } from "./package/executable.ts";
import { krewManifest } from "./package/krew.ts";
import { licences } from "./package/licences.ts";
import { npmPackage } from "./package/npm.ts";
import { thisPlatform } from "./package/platform.ts";
import { ROOT } from "./run-part.ts";

const DIST = join(ROOT, "dist");
const version = `v${manifest.version}`;

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST);
const { file: bundle, packages } = await bundlePlugin(DIST, "npm");
const thirdParty = join(DIST, "THIRD_PARTY_LICENSES");
writeFileSync(thirdParty, licences(packages));
const platform = thisPlatform();
const executable = buildExecutable((await bundlePlugin(DIST, "executable")).file, DIST);
const files = [
	npmPackage({ bundle, thirdParty, dist: DIST }),
	archive({
		name: `kubectl-qos_${version}_${platform.os}_${platform.arch}.tar.gz`,
		executable,
		thirdParty,
		dist: DIST,
	}),
];
const sums = files.map((file) => ({ file, sha256: checksum(join(DIST, file)) }));
writeFileSync(join(DIST, "checksums.txt"), sums.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(""));
const [, released] = sums;
if (released) writeFileSync(join(DIST, "qos.yaml"), krewManifest(version, [{ ...platform, ...released }]));
for (const { file } of sums) console.log(`dist/${file}`);
console.log("dist/checksums.txt\ndist/qos.yaml");
